"""Airflow DAGs with one failing task each."""
from datetime import datetime, timedelta
import time

from airflow import DAG
from airflow.hooks.base import BaseHook
from airflow.models import Variable
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.sensors.python import PythonSensor

START = datetime(2026, 11, 1)


def dag(name):
    return DAG(name, start_date=START, schedule=None, catchup=False, default_args={"retries": 0})


def connect():
    BaseHook.get_connection("warehouse_pg")


def read_variable():
    Variable.get("export_bucket")


def parse(ti):
    return ti.xcom_pull(task_ids="nothing")["rows"]


def slow():
    time.sleep(30)


with dag("load_customers"):
    PythonOperator(task_id="open_warehouse", python_callable=connect) >> BashOperator(task_id="refresh_views", bash_command="echo refreshed")
with dag("export_invoices"):
    PythonOperator(task_id="find_bucket", python_callable=read_variable)
with dag("compact_files"):
    BashOperator(task_id="run_compaction", bash_command="echo compacting; sparksubmit --class Compact compact.jar")
with dag("sync_crm"):
    PythonOperator(task_id="pull_contacts", python_callable=slow, execution_timeout=timedelta(seconds=3))
with dag("wait_for_partner"):
    PythonSensor(task_id="partner_file", python_callable=lambda: False, poke_interval=1, timeout=3)
with dag("count_rows"):
    PythonOperator(task_id="sum_rows", python_callable=parse)
with dag("healthy_dag"):
    BashOperator(task_id="report", bash_command="echo 'errors: 0, failed: 0, retries after failure: none'")
