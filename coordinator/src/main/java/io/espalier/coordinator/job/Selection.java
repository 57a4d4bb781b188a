package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** What SELECT has found of each candidate, as far as its rounds have come; the request itself is candidate 0. */
final class Selection {
    /** Rounds, by what is known once they are done. */
    static final int PREPARED = 0;
    static final int SCORED = 1;
    static final int RANKED = 2;
    static final int SLICED = 3;
    static final int RECOVERED = 4;
    static final int MEASURED = 5;

    private final Findings found;
    private final StageRun run;

    Selection(Findings found, StageRun run) {
        this.found = found;
        this.run = run;
    }

    int count() {
        return found.request().select().candidates();
    }

    PruningRequest request(int candidate) {
        return found.request().candidate(candidate);
    }

    /** Null where the method needs no data. */
    ArtifactRef calibration(int candidate) {
        return done(PREPARED, candidate).outputs().get("calibration");
    }

    List<Work> scoring(int candidate) {
        ModelFacts facts = Json.events().convertValue(done(PREPARED, candidate).facts(), ModelFacts.class);
        return ScoreStage.works(facts, request(candidate), found.original(), calibration(candidate));
    }

    /** Of all shards, in the order of the tasks; the tasks of all candidates stand one behind the other. */
    List<ArtifactRef> statistics(int candidate) {
        int first = IntStream.range(0, candidate).map(i -> scoring(i).size()).sum();
        return IntStream.range(first, first + scoring(candidate).size()).mapToObj(i -> done(SCORED, i).outputs().get(
                "statistics")).toList();
    }

    ArtifactRef plan(int candidate) {
        return done(RANKED, candidate).outputs().get("plan");
    }

    ObjectNode planFacts(int candidate) {
        return done(RANKED, candidate).facts();
    }

    ModelSource pruned(int candidate) {
        return new ModelSource.Tree(done(SLICED, candidate).outputs().get("model"));
    }

    /** After the short recovery; the pruned model where that did not help. */
    ModelSource recovered(int candidate) {
        ArtifactRef model = recovery(candidate).outputs().get("model");
        return model == null ? pruned(candidate) : new ModelSource.Tree(model);
    }

    /** The lowest perplexity after recovery; of equals, the first. */
    int chosen() {
        return order(this::after).getFirst();
    }

    /** For the report: what each candidate was and came to, and whether recovery changed their order. */
    ObjectNode json() {
        List<Integer> before = order(this::before);
        List<Integer> after = order(this::after);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("protocol", found.request().evaluation()
                .perplexity().getFirst().key()).put("recoverSteps", found.request().select().recoverSteps());
        ArrayNode candidates = json.putArray("candidates");
        for (int i = 0; i < count(); i++) {
            ObjectNode candidate = candidates.addObject();
            candidate.set("differs", i == 0
                    ? JsonNodeFactory.instance.objectNode()
                    : Json.events().valueToTree(found.request().select().among().get(i - 1)));
            candidate.put("parameters", done(SLICED, i).facts().path("parameters").asLong()).put("before", before(i))
                    .put("after", after(i)).put("accepted", recovery(i).facts().path("accepted").asBoolean());
        }
        json.put("chosen", after.getFirst());
        before.forEach(json.putArray("orderBefore")::add);
        after.forEach(json.putArray("orderAfter")::add);
        return json.put("flipped", !before.equals(after));
    }

    private double before(int candidate) {
        return done(RECOVERED, candidate).facts().path("perplexity").asDouble();
    }

    private double after(int candidate) {
        return done(MEASURED, candidate).facts().path("perplexity").asDouble();
    }

    private TaskState.Done recovery(int candidate) {
        return done(RECOVERED, count() + candidate);
    }

    private List<Integer> order(IntToDoubleFunction perplexity) {
        return IntStream.range(0, count()).boxed().sorted(Comparator.comparingDouble(perplexity::applyAsDouble))
                .toList();
    }

    private TaskState.Done done(int round, int index) {
        return (TaskState.Done) run.round(round).get(index).state();
    }
}
