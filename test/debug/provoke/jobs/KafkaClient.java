// One act of a Kafka client that fails: `KafkaClient ACT BROKERS TOPIC [name=value…]`; what the client logs is the result.
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.LoggerFactory;

public class KafkaClient {
  public static void main(String[] args) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", args[1]);
    settings.put("client.id", "orders-" + args[0]);
    settings.put("request.timeout.ms", "3000");
    settings.put("default.api.timeout.ms", "6000");
    for (int at = 3; at < args.length; at++) settings.put(args[at].substring(0, args[at].indexOf('=')), args[at].substring(args[at].indexOf('=') + 1));
    try {
      act(args[0], args[2], settings);
    } catch (Exception error) {
      LoggerFactory.getLogger("com.example.OrderStream").error("orders pipeline stopped", error);
      System.exit(1);
    }
    System.exit(0);
  }

  static void act(String act, String topic, Properties settings) throws Exception {
    settings.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    settings.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    settings.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    settings.put("value.deserializer", act.equals("consume-long") ? "org.apache.kafka.common.serialization.LongDeserializer" : "org.apache.kafka.common.serialization.StringDeserializer");
    if (act.equals("create")) {
      try (Admin admin = Admin.create(settings)) {
        admin.createTopics(List.of(new NewTopic(topic, 1, Short.parseShort(settings.getProperty("replication", "1"))))).all().get();
      }
    } else if (act.startsWith("produce")) {
      settings.put("max.block.ms", "6000");
      settings.put("delivery.timeout.ms", "8000");
      try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
        int size = Integer.parseInt(settings.getProperty("size", "10"));
        for (int n = 0; n < Integer.parseInt(settings.getProperty("count", "1")); n++) producer.send(new ProducerRecord<>(topic, "k", "v".repeat(size))).get();
      }
    } else {
      settings.putIfAbsent("group.id", "orders");
      try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
        TopicPartition partition = new TopicPartition(topic, 0);
        if (act.equals("seek")) {
          consumer.assign(List.of(partition));
          consumer.seek(partition, 1_000_000);
          for (int n = 0; n < 5; n++) consumer.poll(Duration.ofSeconds(1));
        } else if (act.equals("slow")) {
          consumer.subscribe(List.of(topic));
          for (int n = 0; n < 10 && consumer.poll(Duration.ofSeconds(1)).isEmpty(); n++) { }
          Thread.sleep(9_000);
          consumer.commitSync();
        } else {
          consumer.subscribe(List.of(topic));
          for (int n = 0; n < 6; n++) consumer.poll(Duration.ofSeconds(1));
        }
      }
    }
  }
}
