package io.espalier.coordinator.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.coordinator.job.ReportComposer;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.topic.Json;
import io.espalier.report.Report;
import io.espalier.report.html.Compared;
import io.espalier.report.html.HtmlReport;
import io.espalier.report.html.Sections;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The report of a job as it is now, as JSON or, for a browser, as HTML; its sections for the live page; comparisons of
 * several. The plan's long lists come from its artifact.
 */
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
        boolean html = prefersHtml(context);
        answer(context, html ? HTML : Answers.JSON, () -> {
            Report report = compose(job);
            return html ? text(HtmlReport.of(report)) : json(report);
        });
    }

    /** What stands in report.html, section by section: {@code [{id, title, html}]}. */
    void sections(RoutingContext context, JobSnapshot job) {
        answer(context, Answers.JSON, () -> json(Sections.of(compose(job))));
    }

    /** Reports side by side; as JSON a list of them. */
    void compare(RoutingContext context, List<JobSnapshot> jobs) {
        boolean html = prefersHtml(context);
        answer(context, html ? HTML : Answers.JSON, () -> {
            List<Report> reports = jobs.stream().map(this::compose).toList();
            return html ? text(Compared.of(reports)) : json(reports);
        });
    }

    /** Plans may be large files: not on the event loop. */
    private void answer(RoutingContext context, String mediaType, Callable<Buffer> body) {
        context.response().putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        vertx.executeBlocking(body, false).onSuccess(written -> Answers.send(context.response(), 200, mediaType,
                written)).onFailure(context::fail);
    }

    private Report compose(JobSnapshot job) {
        return ReportComposer.compose(job, layers(job));
    }

    private static Buffer text(String html) {
        return Buffer.buffer(html.getBytes(StandardCharsets.UTF_8));
    }

    private static Buffer json(Object value) throws IOException {
        return Buffer.buffer(Json.events().writerWithDefaultPrettyPrinter().writeValueAsBytes(value));
    }

    /** Null where there is no plan, or its artifact is gone: the report then tells the widths only. */
    private JsonNode layers(JobSnapshot job) {
        if (job.planArtifact() == null) {
            return null;
        }
        try {
            return Json.events().readTree(artifacts.file(job.planArtifact()).toFile()).path("layers");
        } catch (IOException e) {
            LOG.atWarn().setCause(e).addKeyValue("job", job.id()).log("the plan cannot be read");
            return null;
        }
    }

    /** Browsers name text/html before anything else; everyone else gets JSON. */
    private static boolean prefersHtml(RoutingContext context) {
        String accept = context.request().getHeader(HttpHeaders.ACCEPT);
        if (accept == null) {
            return false;
        }
        int html = accept.indexOf("text/html");
        int json = accept.indexOf("application/json");
        return html >= 0 && (json < 0 || html < json);
    }
}
