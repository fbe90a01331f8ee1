"""What the drivers of PIVO's Spark applications share; needs pyspark."""
