// Starts a NameNode, a DataNode, or both in one JVM, which halves start and memory; formats what was never formatted.
import java.io.File;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.hdfs.server.namenode.FSNamesystem;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;

/** {@code HdfsNode namenode|datanode|both FORMATTED}: the configuration is on the classpath, FORMATTED is a file that says that formatting was done. */
public final class HdfsNode {
  private static final String[] NO_ARGUMENTS = {};

  private HdfsNode() {}

  public static void main(String[] args) {
    // formatting and starting, or two nodes, in one JVM register the same metrics twice
    DefaultMetricsSystem.setMiniClusterMode(true);
    try {
      run(args[0], new File(args[1]));
    } catch (Throwable failure) {
      failure.printStackTrace();
      System.exit(1); // threads of a half started node would keep the JVM alive
    }
  }

  private static void run(String role, File formatted) throws Exception {
    if (role.equals("datanode")) {
      DataNode.main(NO_ARGUMENTS);
      return;
    }
    Configuration configuration = new HdfsConfiguration();
    format(configuration, formatted);
    NameNode nameNode = NameNode.createNameNode(NO_ARGUMENTS, configuration);
    if (role.equals("both")) {
      DataNode.createDataNode(NO_ARGUMENTS, configuration);
    }
    nameNode.join();
  }

  /** A format that was cut off is done again: nothing can have been stored before it ended. */
  private static void format(Configuration configuration, File formatted) throws IOException {
    if (formatted.exists()) {
      return;
    }
    for (java.net.URI directory : FSNamesystem.getNamespaceDirs(configuration)) {
      FileUtil.fullyDelete(new File(directory));
    }
    NameNode.format(configuration);
    if (!formatted.createNewFile()) {
      throw new IOException(formatted + " was made by somebody else meanwhile");
    }
  }
}
