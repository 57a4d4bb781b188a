package io.espalier.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.evaluation.Fidelity;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Segments;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How faithful changed models are to the original, on the text of a perplexity protocol. Facts: one object per changed
 * subject with {@code kl}, {@code top1} and {@code tokens}, see {@link Fidelity}.
 */
final class FidelityHandler implements TaskHandler<Work.Fidelity> {
    private final Models models;

    FidelityHandler(Models models) {
        this.models = models;
    }

    @Override
    public TaskResult run(Work.Fidelity work, TaskContext context) throws Exception {
        Evaluation.Perplexity protocol = work.protocol();
        List<Subject> changed = work.models().keySet().stream().filter(subject -> subject != Subject.ORIGINAL).sorted()
                .toList();
        Path original = models.folder(work.models().get(Subject.ORIGINAL), context);
        Path text = Locations.existing("evaluation.perplexity.text", protocol.text());
        List<Model> opened = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(original)) {
            int most = Math.max(1, Work.Fidelity.MAX_TOKENS / protocol.length());
            int[][] segments = Segments.cut(tokenizer, TextSource.read(text), protocol.length(),
                    protocol.segments() == null ? most : Math.min(most, protocol.segments()));
            opened.add(models.open(original));
            for (Subject subject : changed) {
                opened.add(models.open(models.folder(work.models().get(subject), context)));
            }
            List<Fidelity> found = Fidelity.of(opened.getFirst(), opened.subList(1, opened.size()), segments, Limits
                    .standard().dividedBy(context.microBatchDivisor()),
                    new Reported(context, "fidelity " + protocol.key()));
            ObjectNode facts = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < changed.size(); i++) {
                facts.putObject(changed.get(i).label()).put("kl", found.get(i).kl()).put("top1", found.get(i).top1())
                        .put("tokens", found.get(i).tokens());
            }
            return new TaskResult(Map.of(), facts);
        } finally {
            opened.reversed().forEach(Model::close);
        }
    }
}
