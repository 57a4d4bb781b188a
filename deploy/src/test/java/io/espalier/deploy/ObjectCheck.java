package io.espalier.deploy;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * Holds one object to its schema: Kubernetes' own kinds to the classes generated from its OpenAPI document (unknown and
 * missing fields are errors), Strimzi's and the Prometheus operator's to their API classes (unknown fields and wrong
 * types are errors), KEDA's to a JSON Schema made from its API's types.
 */
final class ObjectCheck {
    private interface Schema {
        void check(JsonNode object) throws IOException;
    }

    private interface Generated {
        void validate(JsonElement element) throws IOException;
    }

    private static final ObjectMapper STRICT = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                /** These classes would keep what they do not know. */
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return annotated.hasAnnotation(JsonAnySetter.class) ? Boolean.FALSE : null;
                }
            });

    private static final Map<String, Schema> SCHEMAS = Map.ofEntries(
            Map.entry("v1/ServiceAccount", generated(V1ServiceAccount::validateJsonElement)),
            Map.entry("v1/Service", generated(V1Service::validateJsonElement)),
            Map.entry("v1/ConfigMap", generated(V1ConfigMap::validateJsonElement)),
            Map.entry("v1/PersistentVolumeClaim", generated(V1PersistentVolumeClaim::validateJsonElement)),
            Map.entry("apps/v1/Deployment", generated(V1Deployment::validateJsonElement)),
            Map.entry("policy/v1/PodDisruptionBudget", generated(V1PodDisruptionBudget::validateJsonElement)),
            Map.entry("networking.k8s.io/v1/NetworkPolicy", generated(V1NetworkPolicy::validateJsonElement)),
            Map.entry("monitoring.coreos.com/v1/ServiceMonitor", bean(ServiceMonitor.class)),
            Map.entry("monitoring.coreos.com/v1/PodMonitor", bean(PodMonitor.class)),
            Map.entry("monitoring.coreos.com/v1/PrometheusRule", bean(PrometheusRule.class)),
            Map.entry("kafka.strimzi.io/v1/KafkaTopic", bean(KafkaTopic.class)),
            Map.entry("kafka.strimzi.io/v1/KafkaUser", bean(KafkaUser.class)),
            Map.entry("keda.sh/v1alpha1/ScaledObject", ObjectCheck::scaledObject));

    private ObjectCheck() {}

    /** @throws IllegalArgumentException naming object and field, if it does not fit its schema */
    static void check(JsonNode object) {
        String kind = object.path("apiVersion").asText() + "/" + object.path("kind").asText();
        Schema schema = SCHEMAS.get(kind);
        if (schema == null) {
            throw new IllegalArgumentException("no schema for " + kind);
        }
        try {
            schema.check(object);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(kind + " " + object.at("/metadata/name").asText() + ": "
                    + e.getMessage(), e);
        }
    }

    private static Schema generated(Generated type) {
        return object -> type.validate(JsonParser.parseString(object.toString()));
    }

    private static Schema bean(Class<?> type) {
        return object -> STRICT.treeToValue(object, type);
    }

    private static void scaledObject(JsonNode object) {
        JsonNode spec = object.path("spec");
        JsonSchema.of("keda-scaledobject-spec").check(spec);
        require(!spec.path("triggers").isEmpty(), "no trigger");
        for (JsonNode trigger : spec.path("triggers")) {
            require(trigger.path("type").asText().equals("prometheus"), "a trigger of another type");
            JsonNode metadata = trigger.path("metadata");
            // What a trigger of a type takes, the schema leaves open: https://keda.sh/docs/2.19/scalers/prometheus/
            only(metadata, Set.of("serverAddress", "query", "threshold", "activationThreshold", "authModes",
                    "ignoreNullValues", "unsafeSsl", "namespace", "customHeaders", "queryParameters", "timeout"));
            metadata.forEach(value -> require(value.isTextual(), "trigger metadata are strings: " + value));
        }
    }

    private static void only(JsonNode object, Set<String> fields) {
        object.fieldNames().forEachRemaining(name -> require(fields.contains(name), "unknown field " + name));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
