package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.topic.Json;
import io.espalier.report.Report;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** report.json of a job, from what everyone may know about it: at any time, not only at the end. */
public final class ReportComposer {
    private ReportComposer() {}

    /** @param layers {@code layers} of the plan artifact, with the lists of kept units; null leaves them out */
    public static Report compose(JobSnapshot job, JsonNode layers) {
        return new Report(
                new Report.Job(job.id().value(), job.name(), job.state().name(), text(job.submittedAt()), text(job
                        .endedAt())),
                Json.events().valueToTree(job.request()), models(job.models()), job.protocols(),
                plan(job.plan(), layers),
                job.recovery() == null ? null : Json.events().convertValue(job.recovery(), Report.Recovery.class),
                job.search() == null ? null : Json.events().convertValue(job.search(), Report.Search.class),
                exports(job.exports()),
                job.stages().stream().map(ReportComposer::stage).toList(), environment(job), failure(job.error()));
    }

    private static Map<String, Report.ModelResult> models(Map<Subject, ObjectNode> models) {
        Map<String, Report.ModelResult> results = new LinkedHashMap<>();
        models.forEach((subject, figures) -> results.put(subject.label(), Json.events().convertValue(figures,
                Report.ModelResult.class)));
        return results;
    }

    private static Report.Plan plan(ObjectNode plan, JsonNode layers) {
        if (plan == null) {
            return null;
        }
        ObjectNode whole = plan.deepCopy();
        if (layers != null && layers.isArray()) {
            whole.set("layers", layers);
        }
        return Json.events().convertValue(whole, Report.Plan.class);
    }

    private static List<Report.Export> exports(ArrayNode exports) {
        return exports == null ? null : List.of(Json.events().convertValue(exports, Report.Export[].class));
    }

    private static Report.StageResult stage(JobSnapshot.Stage stage) {
        boolean streamsTokens = stage.tokens() > 0 && stage.busySeconds() > 0;
        return new Report.StageResult(stage.stage().name(), stage.state().name(), stage.tasks(), stage.attempts(),
                stage.queuedSeconds(), stage.busySeconds(), stage.wallSeconds(), stage.fromCache(), streamsTokens
                        ? stage.tokens() / stage.busySeconds()
                        : null,
                stage.peakMemoryBytes() > 0 ? stage.peakMemoryBytes() : null, stage.note());
    }

    /** Environment of the worker that measured, and digests of what was pruned. */
    private static Report.Environment environment(JobSnapshot job) {
        if (job.environment() == null && job.facts() == null) {
            return null;
        }
        Report.Environment worker = job.environment() == null
                ? new Report.Environment(null, null, null, null, null)
                : Json.events().convertValue(job.environment(), Report.Environment.class);
        return new Report.Environment(worker.device(), worker.threads(), worker.engine(), worker.versions(),
                digests(job.facts()));
    }

    private static Map<String, String> digests(ModelFacts facts) {
        Map<String, String> digests = new HashMap<>();
        if (facts != null && facts.digest() != null) {
            digests.put("model", facts.digest());
        }
        if (facts != null && facts.tokenizerDigest() != null) {
            digests.put("tokenizer", facts.tokenizerDigest());
        }
        return digests.isEmpty() ? null : digests;
    }

    private static Report.Failure failure(JobSnapshot.Problem problem) {
        return problem == null
                ? null
                : new Report.Failure(name(problem.stage()), problem.message(), problem.detail());
    }

    private static String name(StageName stage) {
        return stage == null ? null : stage.name();
    }

    private static String text(Instant at) {
        return at == null ? null : at.toString();
    }
}
