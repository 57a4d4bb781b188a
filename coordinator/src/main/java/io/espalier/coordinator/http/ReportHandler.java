package io.espalier.coordinator.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.coordinator.job.ReportComposer;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.topic.Json;
import io.espalier.report.Report;
import io.espalier.report.html.HtmlReport;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The report of a job as it is now, as JSON or, for a browser, as HTML. The plan's long lists come from its artifact. */
final class ReportHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ReportHandler.class);
    private static final String HTML = "text/html; charset=utf-8";

    private final Vertx vertx;
    private final ArtifactStore artifacts;

    ReportHandler(Vertx vertx, ArtifactStore artifacts) {
        this.vertx = vertx;
        this.artifacts = artifacts;
    }

    void get(RoutingContext context, JobSnapshot job) {
        context.response().putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        boolean html = prefersHtml(context.request().getHeader(HttpHeaders.ACCEPT));
        vertx.executeBlocking(() -> write(ReportComposer.compose(job, layers(job)), html), false).onSuccess(
                body -> Answers.send(context.response(), 200, html ? HTML : Answers.JSON, body)).onFailure(
                        context::fail);
    }

    private static Buffer write(Report report, boolean html) throws IOException {
        return html
                ? Buffer.buffer(HtmlReport.of(report).getBytes(StandardCharsets.UTF_8))
                : Buffer.buffer(Json.events().writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
    }

    /** Null where there is no plan, or its artifact is gone: the report then tells the widths only. */
    private JsonNode layers(JobSnapshot job) {
        if (job.planArtifact() == null) {
            return null;
        }
        try {
            return Json.events().readTree(artifacts.file(job.planArtifact()).toFile()).path("layers");
        } catch (IOException e) {
            LOG.atWarn().setCause(e).addKeyValue("jobId", job.id()).log("the plan cannot be read");
            return null;
        }
    }

    /** Browsers name text/html before anything else; everyone else gets JSON. */
    private static boolean prefersHtml(String accept) {
        if (accept == null) {
            return false;
        }
        int html = accept.indexOf("text/html");
        int json = accept.indexOf("application/json");
        return html >= 0 && (json < 0 || html < json);
    }
}
