package io.espalier.platform.trace;

import io.opentelemetry.api.common.AttributeKey;

/** What our spans are marked with; the names of OpenTelemetry's conventions where there are any. */
public final class SpanAttributes {
    public static final AttributeKey<String> JOB = AttributeKey.stringKey("espalier.job");
    public static final AttributeKey<String> STAGE = AttributeKey.stringKey("espalier.stage");
    public static final AttributeKey<String> TASK = AttributeKey.stringKey("espalier.task");
    public static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("espalier.attempt");
    public static final AttributeKey<String> WORKER = AttributeKey.stringKey("espalier.worker");
    /** How it ended: of a job its state, of an attempt its outcome. */
    public static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("espalier.outcome");
    public static final AttributeKey<Long> TOKENS = AttributeKey.longKey("espalier.tokens");

    public static final AttributeKey<String> HTTP_METHOD = AttributeKey.stringKey("http.request.method");
    public static final AttributeKey<String> HTTP_ROUTE = AttributeKey.stringKey("http.route");
    public static final AttributeKey<Long> HTTP_STATUS = AttributeKey.longKey("http.response.status_code");
    public static final AttributeKey<String> URL_PATH = AttributeKey.stringKey("url.path");
    public static final AttributeKey<String> MESSAGING_SYSTEM = AttributeKey.stringKey("messaging.system");
    public static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
    public static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.type");

    private SpanAttributes() {}
}
