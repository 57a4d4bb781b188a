package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a job has found out so far, under the names by which stages ask for it. */
final class Findings {
    private final Job job;
    private final Instant at;

    Findings(Job job, Instant at) {
        this.job = job;
        this.at = at;
    }

    Job job() {
        return job;
    }

    Instant at() {
        return at;
    }

    PruningRequest request() {
        return job.request();
    }

    Optional<ModelFacts> facts() {
        return done(StageName.PREPARE, 1).findFirst().map(task -> Json.events().convertValue(task.facts(),
                ModelFacts.class));
    }

    /** What a stage cannot go on without. */
    ModelFacts requiredFacts() {
        return facts().orElseThrow(() -> new IllegalStateException("PREPARE has found nothing"));
    }

    /** The user's checkpoint, with its digest once PREPARE has read it. */
    ModelSource original() {
        return new ModelSource.Folder(request().model(), facts().map(ModelFacts::digest).orElse(null));
    }

    /** What SCORE works on: the original at first, then what the step before has sliced. */
    ModelSource scored(int step) {
        return step == 1
                ? original()
                : sliced(step - 1).orElseThrow(() -> new IllegalStateException("step " + (step - 1)
                        + " has sliced nothing"));
    }

    /** Null where the method needs no data. */
    ArtifactRef calibration(int step) {
        return selection().map(selection -> selection.calibration(selection.chosen())).orElseGet(() -> output(
                StageName.PREPARE, step, "calibration").orElse(null));
    }

    /** What the plan of a request for a time is made by; null for other targets. */
    ArtifactRef times(PruningRequest asked) {
        return asked.target().latency() == null ? null : output(StageName.TIME, 1, "times").orElse(null);
    }

    /** What candidates are measured on. */
    ArtifactRef probe(int step) {
        return output(StageName.PREPARE, step, "probe").orElseGet(() -> calibration(step));
    }

    /** Statistics of all shards, in the order of the tasks. */
    List<ArtifactRef> statistics(int step) {
        return done(StageName.SCORE, step).map(task -> task.outputs().get("statistics")).toList();
    }

    /** In units of the original. */
    Optional<ArtifactRef> plan(int step) {
        return output(StageName.RANK, step, "plan").or(() -> output(StageName.SEARCH, step, "plan"))
                .or(() -> selection().map(selection -> selection.plan(selection.chosen())));
    }

    Optional<ArtifactRef> lastPlan() {
        return plan(Pipeline.steps(request()));
    }

    ArtifactRef requiredPlan(int step) {
        return plan(step).orElseThrow(() -> new IllegalStateException("step " + step + " has made no plan"));
    }

    Optional<ModelSource> sliced(int step) {
        return output(StageName.SLICE, step, "model").map(ModelSource.Tree::new);
    }

    Optional<ModelSource> pruned() {
        return sliced(Pipeline.steps(request()));
    }

    ModelSource requiredPruned() {
        return pruned().orElseThrow(() -> new IllegalStateException("SLICE has written no model"));
    }

    /** Empty without RECOVER, and where recovery did not improve the model. */
    Optional<ModelSource> recovered() {
        return output(StageName.RECOVER, 1, "model").map(ModelSource.Tree::new);
    }

    /** The models there are to compare, original first. */
    Map<Subject, ModelSource> models() {
        Map<Subject, ModelSource> models = new LinkedHashMap<>();
        models.put(Subject.ORIGINAL, original());
        pruned().ifPresent(model -> models.put(Subject.PRUNED, model));
        recovered().ifPresent(model -> models.put(Subject.RECOVERED, model));
        return models;
    }

    /** What SELECT has found, once it has chosen. */
    Optional<Selection> selection() {
        return job.stages().stream().filter(stage -> stage.name() == StageName.SELECT && stage.closed()).findFirst()
                .map(stage -> new Selection(this, stage));
    }

    /** The request whose plan is applied: the best candidate's, where there are several. */
    PruningRequest chosen() {
        return request().candidate(selection().map(Selection::chosen).orElse(0));
    }

    /** EVALUATE, once it is open. */
    List<StageRun> evaluations() {
        return job.stages().stream().filter(stage -> stage.name() == StageName.EVALUATE && stage.openedAt() != null)
                .toList();
    }

    /** Facts of the latest task of a stage that is done. */
    Optional<ObjectNode> factsOf(StageName stage, int step) {
        return done(stage, step).reduce((_, last) -> last).map(TaskState.Done::facts);
    }

    private Optional<ArtifactRef> output(StageName stage, int step, String name) {
        return done(stage, step).reduce((_, last) -> last).map(task -> task.outputs().get(name));
    }

    private Stream<TaskState.Done> done(StageName name, int step) {
        return job.stages().stream().filter(stage -> stage.name() == name && stage.step() == step)
                .flatMap(stage -> stage.tasks().stream()).map(TaskRun::state)
                .mapMulti((state, down) -> {
                    if (state instanceof TaskState.Done done) {
                        down.accept(done);
                    }
                });
    }
}
