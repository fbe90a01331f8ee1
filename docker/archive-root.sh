#!/bin/bash
# Makes the archive's root in HDFS, as HDFS's superuser: it belongs to the user that PIVO is, and nobody else may write there.
set -eu
hdfs dfs -mkdir -p /pivo
hdfs dfs -chown pivo:pivo /pivo
hdfs dfs -chmod 755 /pivo
