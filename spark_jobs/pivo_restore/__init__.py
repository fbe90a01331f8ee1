"""What the restore job does, free of Spark: every part can be run and tested without a cluster."""
