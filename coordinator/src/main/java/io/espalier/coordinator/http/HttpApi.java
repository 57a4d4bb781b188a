package io.espalier.coordinator.http;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.coordinator.log.CommandSender;
import io.espalier.coordinator.log.DeadLetters;
import io.espalier.coordinator.log.JobsView;
import io.espalier.coordinator.log.QueueView;
import io.espalier.coordinator.log.Submission;
import io.espalier.coordinator.page.EventStreams;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.request.RequestReader;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;

/** Wires the handlers of the HTTP interface. */
public final class HttpApi {
    private HttpApi() {}

    /** @param joined whether the loop has its share of the jobs */
    public static HttpServerVerticle create(Vertx vertx, HttpConfig config, Tracing tracing,
            RequestReader reader, Submission submission, CommandSender sender, JobsView view, QueueView queue,
            DeadLetters deadLetters,
            ArtifactStore artifacts,
            PrometheusMeterRegistry registry, BooleanSupplier joined) {
        var awaiting = new Awaiting(vertx, view);
        var submitter = new Submitter(vertx, submission, sender, view, awaiting);
        return new HttpServerVerticle(config, tracing,
                new JobHandlers(config, submitter, sender, view, queue, awaiting),
                new ReportHandler(vertx, artifacts), new DeadLetterHandlers(vertx, deadLetters),
                new ServiceHandlers(config, reader.schema().text(), registry,
                        () -> view.isCaughtUp() && joined.getAsBoolean()),
                new EventStreams(vertx, view));
    }
}
