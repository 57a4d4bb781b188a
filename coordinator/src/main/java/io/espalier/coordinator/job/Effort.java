package io.espalier.coordinator.job;

import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.ModelFacts.TextSize;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.PruningRequest;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What the tasks of a round take beside each other, from what the job knows when it opens them. Only ratios within a round
 * count, and only roughly: they say which tasks begin first and how far a stage has come, never what comes out. See
 * docs/decisions/0020.
 */
final class Effort {
    private static final double UNKNOWN = 0;
    /** Of English text, by tokenizers of 32,000 pieces. */
    private static final double BYTES_PER_TOKEN = 4;
    /**
     * What COST takes of each model, as so many tokens of a perplexity: about ten runs of 64 tokens at once and 32 one by
     * one, each of which takes as long as some 20 at once, because the weights are read for it alone [D].
     */
    private static final double COST_TOKENS = 10 * (64 + 32 * 20);

    private final PruningRequest request;
    private final List<TextSize> texts;
    private final double original;
    private final double pruned;

    Effort(Findings found) {
        request = found.request();
        Optional<ModelFacts> facts = found.facts();
        texts = facts.map(ModelFacts::texts).orElse(List.of());
        original = facts.map(ModelFacts::parameters).orElse(0L);
        pruned = found.factsOf(StageName.SLICE, Pipeline.steps(request)).map(sliced -> sliced.path("parameters")
                .asDouble()).filter(parameters -> parameters > 0).orElse(original);
    }

    /** 0 where nothing tells. */
    double of(Work work) {
        return switch (work) {
            case Work.Score score -> score(score);
            case Work.Measure measure -> measure.candidates().size();
            case Work.Perplexity perplexity -> tokens(perplexity.protocol()) * parameters(perplexity.model())
                    / perplexity.tasks();
            case Work.ZeroShot zeroShot -> tokens(zeroShot.task()) * parameters(zeroShot.model());
            case Work.Fidelity fidelity -> Math.min(Work.Fidelity.MAX_TOKENS, tokens(fidelity.protocol()))
                    * parameters(fidelity.models().values());
            case Work.Cost cost -> COST_TOKENS * parameters(cost.models().values());
            case Work.Prepare _,Work.Time _,Work.Rank _,Work.Propose _,Work.Slice _,Work.Recover _,Work.Export _ ->
                UNKNOWN; // alone in their rounds, or all alike
        };
    }

    /** Ranges that hand on what they compute are cut to take equally long, and the first should begin first. */
    private static double score(Work.Score score) {
        Shard shard = score.shard();
        int samples = Math.max(1, shard.toSample() - shard.fromSample());
        return score.method().has("layerRanges") ? 1 : samples * (double) (shard.toLayer() - shard.fromLayer());
    }

    private double tokens(Evaluation.Perplexity protocol) {
        double inText = size(request.evaluation().perplexity().stream().map(Evaluation.Perplexity::whole).toList()
                .indexOf(protocol)).bytes() / BYTES_PER_TOKEN;
        double asked = protocol.segments() == null ? inText : (double) protocol.segments() * protocol.length();
        return inText == 0 ? asked : Math.min(asked, inText);
    }

    private double tokens(Evaluation.Task task) {
        TextSize data = size(request.evaluation().perplexity().size() + request.evaluation().tasks().indexOf(task));
        double share = task.limit() == null ? 1 : Math.min(1, task.limit() / (double) Math.max(1, data.lines()));
        return share * data.bytes() / BYTES_PER_TOKEN;
    }

    private TextSize size(int place) {
        return place < texts.size() ? texts.get(place) : new TextSize(0, 0);
    }

    private double parameters(Collection<ModelSource> models) {
        return models.stream().mapToDouble(this::parameters).sum();
    }

    private double parameters(ModelSource model) {
        return model instanceof ModelSource.Folder ? original : pruned;
    }
}
