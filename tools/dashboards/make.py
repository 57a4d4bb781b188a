#!/usr/bin/env python3
"""Writes deploy/grafana/dashboards/*.json. Panels are told here once; the JSON is what Grafana loads.
Coordinators and workers both export attempts, waits and durations: panels count those of the workers.

usage: python3 tools/dashboards/make.py   (no packages needed)
"""
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "grafana" / "dashboards"
DATASOURCE = {"type": "prometheus", "uid": "espalier-prometheus"}


def target(expr, legend="", instant=False, fmt="time_series"):
    return {"datasource": DATASOURCE, "expr": expr, "legendFormat": legend, "instant": instant,
            "range": not instant, "format": fmt}


def panel(kind, title, targets, unit="short", width=8, height=8, description="", thresholds=None, **options):
    steps = [{"color": "green", "value": None}] + [{"color": c, "value": v} for v, c in thresholds or []]
    custom = {"fillOpacity": 12, "lineWidth": 2, "showPoints": "never"} if kind == "timeseries" else {}
    return {"type": kind, "title": title, "description": description, "datasource": DATASOURCE, "targets": targets,
            "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": custom,
                                         "thresholds": {"mode": "absolute", "steps": steps}}, "overrides": []},
            "options": options, "_size": (width, height)}


def dashboard(uid, title, description, panels, variables=()):
    placed, x, y, row = [], 0, 0, 0
    for number, p in enumerate(panels, 1):
        width, height = p.pop("_size")
        if x + width > 24:
            x, y, row = 0, y + row, 0
        placed.append({**p, "id": number, "gridPos": {"x": x, "y": y, "w": width, "h": height}})
        x, row = x + width, max(row, height)
    return {"uid": uid, "title": title, "description": description, "tags": ["espalier"], "schemaVersion": 39,
            "version": 1, "editable": True, "graphTooltip": 1, "timezone": "browser", "refresh": "10s",
            "time": {"from": "now-1h", "to": "now"}, "panels": placed,
            "templating": {"list": list(variables)}, "annotations": {"list": [{
                "name": "failed attempts", "datasource": DATASOURCE, "enable": True, "iconColor": "red",
                "expr": 'increase(espalier_attempts_total{job="espalier-workers",outcome="failed"}[1m]) > 0',
                "titleFormat": "{{stage}} failed", "step": "60s"}]},
            "links": [{"type": "dashboards", "title": "Espalier", "tags": ["espalier"], "asDropdown": True,
                       "includeVars": True, "keepTime": True}]}


def query_variable(name, label, query):
    return {"name": name, "label": label, "type": "query", "datasource": DATASOURCE, "refresh": 2, "sort": 1,
            "query": {"query": query, "refId": name}, "definition": query, "includeAll": True, "multi": True,
            "current": {"text": "All", "value": "$__all"}}


OVERVIEW = dashboard("espalier-overview", "Espalier / overview", "Jobs, queues and throughput at a glance.", [
    panel("stat", "Jobs", [target("sum by (state) (espalier_jobs)", "{{state}}", True)], width=8, height=5,
          description="Jobs the coordinators know, by state.", colorMode="value", graphMode="none"),
    panel("stat", "Tasks waiting", [target("sum by (kind) (espalier_tasks_waiting)", "{{kind}}", True)], width=8,
          height=5, description="Published and not yet taken: what autoscaling reads.", colorMode="value",
          thresholds=[(10, "orange"), (100, "red")]),
    panel("stat", "Workers", [target("count by (kind) (espalier_worker_info)", "{{kind}}", True)], width=8, height=5,
          description="Worker processes that are scraped.", colorMode="value", graphMode="none"),
    panel("bargauge", "Progress of running jobs",
          [target("espalier_job_progress_ratio", "{{job}} {{stage}}", True)], unit="percentunit", width=12, height=9,
          description="At most 100 running jobs.", orientation="horizontal", displayMode="basic"),
    panel("timeseries", "Tokens per second", [target("sum by (stage) (rate(espalier_tokens_total[1m]))", "{{stage}}")],
          unit="short", width=12, height=9, description="Throughput of all workers."),
    panel("timeseries", "Tasks running", [target("sum by (kind) (espalier_tasks_running{job=\"espalier-workers\"})", "{{kind}}")], width=12),
    panel("timeseries", "Attempts that ended, per minute",
          [target("sum by (stage, outcome) (rate(espalier_attempts_total{job=\"espalier-workers\"}[5m])) * 60", "{{stage}} {{outcome}}")],
          width=12),
])

JOB = dashboard("espalier-job", "Espalier / one job", "Progress and stages of chosen jobs.", [
    panel("timeseries", "Progress", [target('espalier_job_progress_ratio{job=~"$job"}', "{{job}} {{stage}}")],
          unit="percentunit", width=24, description="Share of the job that is done, by its current stage."),
    panel("timeseries", "Median task duration by stage",
          [target('histogram_quantile(0.5, sum by (stage, le) (rate(espalier_task_duration_seconds_bucket{job="espalier-workers"}[5m])))',
                  "{{stage}}")], unit="s", width=12),
    panel("timeseries", "95th percentile of waiting before a task starts",
          [target('histogram_quantile(0.95, sum by (le) (rate(espalier_task_wait_seconds_bucket{job="espalier-workers"}[5m])))', "p95")],
          unit="s", width=12, description="Time from publication to start: grows when workers are too few.",
          thresholds=[(60, "orange"), (600, "red")]),
    panel("timeseries", "Failed attempts", [target(
        'sum by (stage) (increase(espalier_attempts_total{job="espalier-workers",outcome="failed"}[5m]))', "{{stage}}")], width=12),
    panel("timeseries", "Tokens per second by stage",
          [target("sum by (stage) (rate(espalier_tokens_total[1m]))", "{{stage}}")], width=12),
], [query_variable("job", "Job", "label_values(espalier_job_progress_ratio, job)")])

WORKERS = dashboard("espalier-workers", "Espalier / workers and memory", "Memory and load of worker processes.", [
    panel("timeseries", "Resident memory", [target('espalier_memory_bytes{area="rss",instance=~"$instance"}',
                                                   "{{instance}}")], unit="bytes", width=12,
          description="The whole process, mapped weights included."),
    panel("timeseries", "Memory by area", [target('sum by (area) (espalier_memory_bytes{instance=~"$instance"})',
                                                  "{{area}}")], unit="bytes", width=12),
    panel("timeseries", "Device memory used", [target('espalier_memory_bytes{area=~"device_.*",instance=~"$instance"}',
                                                      "{{instance}} {{area}}")], unit="bytes", width=12,
          description="Empty on workers without an accelerator."),
    panel("timeseries", "CPU", [target('process_cpu_usage{instance=~"$instance"}', "{{instance}}")],
          unit="percentunit", width=12),
    panel("timeseries", "Java heap", [target('sum by (instance) (jvm_memory_used_bytes{area="heap",instance=~"$instance"})',
                                             "{{instance}}")], unit="bytes", width=12),
    panel("timeseries", "Artifact bytes per second",
          [target("sum by (direction) (rate(espalier_artifact_bytes_total[1m]))", "{{direction}}")], unit="Bps",
          width=12),
    panel("table", "Workers", [target("espalier_worker_info", "", True, "table")], width=24, height=7),
], [query_variable("instance", "Instance", "label_values(espalier_worker_info, instance)")])

KAFKA = dashboard("espalier-kafka", "Espalier / Kafka and coordinator", "Queues, lag and the coordinator's health.", [
    panel("timeseries", "Tasks waiting by kind", [target("sum by (kind) (espalier_tasks_waiting)", "{{kind}}")],
          width=12),
    panel("timeseries", "Coordinator's consumer lag",
          [target("max by (instance) (kafka_consumer_fetch_manager_records_lag_max)", "{{instance}}")], width=12,
          thresholds=[(1000, "orange"), (10000, "red")]),
    panel("timeseries", "HTTP requests per second",
          [target("sum by (code) (rate(vertx_http_server_response_time_seconds_count[1m]))", "{{code}}")],
          unit="reqps", width=12),
    panel("timeseries", "Slowest HTTP answer", [target(
        "max by (code) (vertx_http_server_response_time_seconds_max)", "{{code}}")], unit="s", width=12),
    panel("timeseries", "Records sent per second",
          [target("sum by (instance) (kafka_producer_record_send_rate)", "{{instance}}")], width=12),
    panel("timeseries", "Reports without effect per minute",
          [target("sum by (instance) (rate(espalier_reports_dropped_total[5m])) * 60", "{{instance}}")], width=12,
          description="Late or doubled reports: attempts of workers that were thought lost."),
    panel("timeseries", "Coordinator heap", [target(
        'sum by (instance) (jvm_memory_used_bytes{area="heap",job="espalier-coordinator"})', "{{instance}}")],
          unit="bytes", width=12),
])

for board in (OVERVIEW, JOB, WORKERS, KAFKA):
    for p in board["panels"]:
        for ref, t in zip("ABCDEF", p["targets"]):
            t["refId"] = ref
    path = ROOT / (board["uid"].removeprefix("espalier-") + ".json")
    path.write_text(json.dumps(board, indent=2, ensure_ascii=False) + "\n")
