{{/* Names and what all pods share. */}}
{{- define "espalier.name" -}}
{{- if contains "espalier" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-espalier{{ end }}
{{- end }}

{{- define "espalier.labels" -}}
app.kubernetes.io/name: espalier
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* dict "root" $ "component" "gpu-worker" */}}
{{- define "espalier.selector" -}}
app.kubernetes.io/name: espalier
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "espalier.image" -}}
{{- with .root.Values.image }}{{ with .registry }}{{ . }}/{{ end }}espalier/{{ $.component }}:{{ .tag | default $.root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "espalier.bootstrapServers" -}}
{{- if .Values.kafka.bootstrapServers }}{{ .Values.kafka.bootstrapServers }}
{{- else if .Values.strimzi.enabled }}{{ .Values.strimzi.cluster }}-kafka-bootstrap:9092
{{- else }}{{ fail "kafka.bootstrapServers: say where Kafka is, or set strimzi.enabled" }}
{{- end }}
{{- end }}

{{- define "espalier.artifacts" -}}
{{- .Values.artifacts.uri | default "/artifacts" }}
{{- end }}

{{- define "espalier.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "espalier.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Environment of every process. */}}
{{- define "espalier.environment" -}}
- { name: ESPALIER_KAFKA_BOOTSTRAP_SERVERS, value: {{ include "espalier.bootstrapServers" . | quote }} }
{{- range $key, $value := .Values.kafka.settings }}
- { name: ESPALIER_KAFKA_{{ $key | upper | replace "." "_" }}, value: {{ $value | quote }} }
{{- end }}
- { name: ESPALIER_ARTIFACTS, value: {{ include "espalier.artifacts" . | quote }} }
- { name: ESPALIER_TOPICS_PARTITIONS, value: {{ .Values.strimzi.partitions | quote }} }
- { name: ESPALIER_LEASE_SECONDS, value: {{ .Values.workers.leaseSeconds | quote }} }
{{- with .Values.security.roots }}
- { name: ESPALIER_ROOTS, value: {{ join "," . | quote }} }
{{- end }}
- { name: ESPALIER_HTTP_HOST, value: 0.0.0.0 }
- { name: ESPALIER_LOG_FORMAT, value: json }
- { name: ESPALIER_LOG_LEVEL, value: {{ .Values.logLevel }} }
{{- end }}

{{- define "espalier.environmentFrom" -}}
{{- with .Values.kafka.settingsSecret }}
- secretRef: { name: {{ . }} }
{{- end }}
{{- end }}

{{/* Volumes of every process. */}}
{{- define "espalier.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if .Values.artifacts.uri }}
- name: artifacts
  emptyDir: { sizeLimit: {{ .Values.artifacts.cacheSize }} }
{{- else }}
- name: artifacts
  persistentVolumeClaim: { claimName: {{ include "espalier.name" . }}-artifacts }
{{- end }}
{{- with .Values.models.existingClaim }}
- name: models
  persistentVolumeClaim: { claimName: {{ . }}, readOnly: true }
{{- end }}
{{- end }}

{{- define "espalier.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: artifacts, mountPath: /artifacts }
{{- if .Values.models.existingClaim }}
- { name: models, mountPath: /models, readOnly: true }
{{- end }}
{{- end }}
