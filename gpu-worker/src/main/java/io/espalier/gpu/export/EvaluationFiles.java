package io.espalier.gpu.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Subject;
import io.espalier.report.LmEvalResults;
import io.espalier.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The evaluation as lm-evaluation-harness would have written it: {@code results_lm_eval.json} of the result, and for each
 * model a folder {@code evaluation/SUBJECT} with its results and {@code samples_TASK.jsonl}.
 */
record EvaluationFiles(Report report, Map<Subject, Map<String, ArtifactRef>> samples, ArtifactStore artifacts) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** @param result which model of the report the job's result is */
    void write(Path folder, String result) throws IOException {
        results(folder.resolve("results_lm_eval.json"), result);
        for (Map.Entry<Subject, Map<String, ArtifactRef>> subject : samples.entrySet()) {
            String label = subject.getKey().label();
            if (report.models().containsKey(label)) {
                Path own = Files.createDirectories(folder.resolve("evaluation").resolve(label));
                results(own.resolve("results_lm_eval.json"), label);
                for (Map.Entry<String, ArtifactRef> task : subject.getValue().entrySet()) {
                    ResultFolder.copy(artifacts.file(task.getValue()), own.resolve("samples_" + task.getKey()
                            + ".jsonl"));
                }
            }
        }
    }

    private void results(Path file, String subject) throws IOException {
        JSON.writeValue(file.toFile(), LmEvalResults.of(report, subject));
    }
}
