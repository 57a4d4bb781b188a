package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.coordinator.FakeWorkers;
import io.espalier.coordinator.Requests;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.ComputeType;
import io.espalier.protocol.request.PruningRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which work each stage opens. */
class StagesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final List<Work> published = new ArrayList<>();
    private UnaryOperator<FakeWorkers.Found> change = found -> found;

    /** Runs a job in which every task succeeds at once. */
    private Job run(String text) {
        PruningRequest request = Requests.parse(text);
        var decider = new Decider(AttemptPolicy.forLease(Duration.ofSeconds(15)));
        Job job = replay(null, decider.decide(null, new Input.Submitted(new JobId("job-1"), request, "d", NOW)));
        while (job.isOpen()) {
            TaskRun next = job.current().orElseThrow().tasks().stream().filter(task -> !task.done()).findFirst()
                    .orElseThrow();
            FakeWorkers.Found found = change.apply(FakeWorkers.find(next.work()));
            job = replay(job, decider.decide(job, new Input.Reported(new TaskReport.Succeeded(next.id(), 1,
                    new WorkerId("w"), NOW, found.outputs(), found.facts(), FakeWorkers.usage(), false), NOW)));
        }
        return job;
    }

    private Job replay(Job job, List<JobEvent> events) {
        for (JobEvent event : events) {
            if (event instanceof JobEvent.TaskOpened opened) {
                published.add(opened.work());
            }
            job = Job.replay(job, event);
        }
        return job;
    }

    private <W extends Work> List<W> works(Class<W> type) {
        return published.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Test
    void scoreFansOutOverLayersAndSamplesWithoutGapOrOverlap() {
        run(Requests.FULL);
        assertThat(works(Work.Score.class)).extracting(Work.Score::shard).containsExactly(new Shard(0, 2, 0, 5),
                new Shard(0, 2, 5, 10), new Shard(2, 5, 0, 5), new Shard(2, 5, 5, 10));
        Work.Rank rank = works(Work.Rank.class).getFirst();
        assertThat(rank.statistics()).extracting("sha256").containsExactlyElementsOf(works(Work.Score.class).stream()
                .map(score -> FakeWorkers.find(score).outputs().get("statistics").sha256()).toList());
    }

    @Test
    void scoreIsOneTaskPerSetWhereTheStatisticDoesNotMerge() {
        change = found -> {
            if (found.facts().has("sampleShards")) {
                found.facts().put("sampleShards", 1).put("layerShards", 1).put("sets", 3);
            }
            return found;
        };
        run(Requests.FULL);
        assertThat(works(Work.Score.class)).extracting(Work.Score::set).containsExactly(0, 1, 2);
        assertThat(works(Work.Score.class)).extracting(Work.Score::shard).containsOnly(new Shard(0, 5, 0, 10));
    }

    @Test
    void rangesOfLayersAreTasksOverAllSamplesWhereTheyWereCut() {
        run(Requests.RANGES);
        assertThat(works(Work.Score.class)).extracting(Work.Score::shard).containsExactly(new Shard(0, 1, 0, 10),
                new Shard(1, 2, 0, 10), new Shard(2, 5, 0, 10));
        assertThat(works(Work.Rank.class).getFirst().statistics()).hasSize(3);
    }

    @Test
    void anIterativePruningScoresWhatItSlicedAndPlansInUnitsOfTheOriginal() {
        Job job = run(Requests.ITERATIVE);
        assertThat(job.stages()).extracting(StageRun::name).startsWith(StageName.PREPARE, StageName.SCORE,
                StageName.RANK, StageName.SLICE, StageName.PREPARE, StageName.SCORE).endsWith(StageName.SLICE,
                        StageName.EVALUATE, StageName.REPORT)
                .hasSize(14);
        assertThat(works(Work.Prepare.class)).extracting(Work.Prepare::round).containsExactly(0, 1, 2);
        assertThat(works(Work.Score.class).getFirst().model()).isInstanceOf(ModelSource.Folder.class);
        assertThat(works(Work.Score.class).getLast().model()).isInstanceOf(ModelSource.Tree.class);
        assertThat(works(Work.Slice.class)).extracting(Work.Slice::model).hasOnlyElementsOfType(
                ModelSource.Folder.class);
        assertThat(works(Work.Rank.class)).extracting(Work.Rank::step).containsExactly(1, 2, 3);
        assertThat(works(Work.Rank.class).get(0).previous()).isNull();
        assertThat(works(Work.Rank.class).get(2).previous()).isEqualTo(FakeWorkers.find(works(Work.Rank.class).get(1))
                .outputs().get("plan"));
    }

    @Test
    void aSearchProposesAndMeasuresUntilItIsDone() {
        Job job = run(Requests.SEARCH);
        assertThat(works(Work.Propose.class)).extracting(Work.Propose::round).containsExactly(0, 1, 2, 3);
        assertThat(works(Work.Measure.class)).hasSize(3 * 2);
        Work.Propose second = works(Work.Propose.class).get(1);
        assertThat(second.state()).isNotNull();
        assertThat(second.measured()).hasSize(6);
        List<Double> measured = works(Work.Measure.class).subList(0, 2).stream().flatMap(measure -> measure.candidates()
                .stream()).map(candidate -> (double) Integer.parseInt(candidate.sha256().substring(0, 4), 16)).toList();
        assertThat(second.measured()).isEqualTo(measured);
        StageRun search = job.stages().get(2);
        assertThat(search.totals().tasks()).isEqualTo(4 + 3 * 2);
        assertThat(search.tasks()).extracting(task -> task.id().round()).containsOnly(4, 5, 6);
    }

    @Test
    void candidatesAreSplitSoThatTwoFourOrEightWorkersEndTogether() {
        assertThat(IntStream.of(1, 2, 3, 4, 8, 10, 16, 20, 100).map(SearchStage::tasks)).containsExactly(1, 1, 1, 2, 4,
                4, 8, 8, 8);
    }

    @Test
    void everyModelIsMeasuredTheSameWayAndCostsAreComparedInOneTask() {
        run(Requests.FULL);
        assertThat(works(Work.Perplexity.class)).hasSize(3);
        assertThat(works(Work.ZeroShot.class)).hasSize(3);
        assertThat(works(Work.Cost.class)).singleElement().satisfies(cost -> assertThat(cost.models()).containsOnlyKeys(
                Subject.values()));
        assertThat(((ModelSource.Folder) works(Work.Perplexity.class).getFirst().model()).digest()).isEqualTo("d"
                .repeat(64));
    }

    @Test
    void whateverMeasuresForTheReportComputesInTheDtypeAskedFor() {
        run(Requests.FULL.replace("evaluation:\n", "evaluation:\n  dtype: bfloat16\n"));
        assertThat(works(Work.Perplexity.class)).hasSize(3).extracting(Work.Perplexity::dtype)
                .containsOnly(ComputeType.BFLOAT16);
        assertThat(works(Work.ZeroShot.class)).hasSize(3).extracting(Work.ZeroShot::dtype)
                .containsOnly(ComputeType.BFLOAT16);
        JsonNode protocols = works(Work.Export.class).getFirst().report().get("protocols");
        assertThat(protocols.get("perplexity")).allSatisfy(protocol -> assertThat(protocol.get("dtype").asText())
                .isEqualTo("BF16"));
        assertThat(protocols.get("tasks")).allSatisfy(protocol -> assertThat(protocol.get("dtype").asText())
                .isEqualTo("BF16"));
    }

    @Test
    void candidatesArePickedInTheDtypeOfTheReport() {
        run(Requests.SELECT.replace("cost: false", "cost: false, dtype: bfloat16"));
        assertThat(works(Work.Perplexity.class)).hasSizeGreaterThan(6).extracting(Work.Perplexity::dtype)
                .containsOnly(ComputeType.BFLOAT16);
    }

    @Test
    void theReportTellsFidelityProtocolsAndWhereTheAnswersAre() {
        run(Requests.FULL);
        assertThat(works(Work.Fidelity.class)).singleElement().satisfies(fidelity -> assertThat(fidelity.models())
                .containsOnlyKeys(Subject.values()));
        Work.Export export = works(Work.Export.class).getFirst();
        String protocol = works(Work.Perplexity.class).getFirst().protocol().key();
        assertThat(export.report().at("/models/recovered/fidelity").path(protocol).path("kl").asDouble()).isEqualTo(
                0.25);
        assertThat(export.report().at("/models/original").has("fidelity")).isFalse();
        assertThat(export.report().at("/protocols/perplexity").path(protocol).path("textDigest").asText()).hasSize(64);
        assertThat(export.samples()).containsOnlyKeys(Subject.values());
        assertThat(export.samples().get(Subject.PRUNED)).hasSize(1);
        assertThat(export.report().at("/models/pruned/tasks")).allSatisfy(task -> assertThat(task.has("version"))
                .isFalse());
    }

    @Test
    void theBestOfSeveralPlansAfterAShortRecoveryGoesOn() {
        Map<String, Double> perplexities = new HashMap<>();
        Job job = run(Requests.SELECT);

        assertThat(job.stages()).extracting(StageRun::name).containsExactly(StageName.PREPARE, StageName.SELECT,
                StageName.SLICE, StageName.RECOVER, StageName.EVALUATE, StageName.REPORT);
        assertThat(works(Work.Recover.class).subList(0, 3)).allSatisfy(recover -> {
            assertThat(recover.lora().steps()).isEqualTo(4);
            assertThat(recover.lora().warmup()).isZero();
        });
        assertThat(works(Work.Recover.class).getLast().lora().steps()).isEqualTo(10);
        assertThat(works(Work.Recover.class)).extracting(Work.Recover::seed).startsWith(42L, 42L, 7L);
        List<Work.Perplexity> after = works(Work.Perplexity.class).subList(3, 6);
        after.forEach(work -> perplexities.put(work.toString(), FakeWorkers.find(work).facts().get("perplexity")
                .asDouble()));
        JsonNode selection = works(Work.Export.class).getFirst().report().at("/plan/selection");
        int chosen = selection.get("chosen").asInt();
        assertThat(perplexities.get(after.get(chosen).toString())).isEqualTo(perplexities.values().stream().min(
                Double::compare).orElseThrow());
        assertThat(selection.at("/candidates/1/differs/method/name").asText()).isEqualTo("magnitude");
        assertThat(selection.get("flipped").asBoolean()).isEqualTo(!selection.get("orderBefore").equals(selection.get(
                "orderAfter")));
        Work.Slice last = works(Work.Slice.class).getLast();
        assertThat(last).isEqualTo(works(Work.Slice.class).get(chosen));
        assertThat(works(Work.Export.class).getFirst().plan()).isEqualTo(last.plan());
    }

    @Test
    void aCandidateIsARequestOfItsOwn() {
        run(Requests.SELECT);
        List<Work.Rank> ranks = works(Work.Rank.class);
        assertThat(ranks).hasSize(3).allSatisfy(rank -> assertThat(rank.request().select()).isNull());
        assertThat(ranks.get(1).request().method().name()).isEqualTo("magnitude");
        assertThat(ranks.get(1).request().calibration().seed()).isEqualTo(42);
        assertThat(ranks.get(2).request().calibration().seed()).isEqualTo(7);
        assertThat(ranks.get(2).statistics()).hasSize(4).doesNotContainAnyElementsOf(ranks.get(0).statistics());
    }

    @Test
    void aTargetInTimeIsTimedOnceBeforeAndVerifiedAfter() {
        Job job = run(Requests.LATENCY);

        assertThat(job.stages()).extracting(StageRun::name).containsExactly(StageName.PREPARE, StageName.TIME,
                StageName.SCORE, StageName.RANK, StageName.SLICE, StageName.PREPARE, StageName.SCORE, StageName.RANK,
                StageName.SLICE, StageName.EVALUATE, StageName.REPORT);
        Work.Time time = works(Work.Time.class).getFirst();
        assertThat(((ModelSource.Folder) time.model()).digest()).as("equal for all jobs about this model").isNotNull();
        assertThat(works(Work.Rank.class)).hasSize(2).extracting(Work.Rank::times).containsOnly(FakeWorkers.find(time)
                .outputs().get("times"));
        assertThat(works(Work.Cost.class)).as("whatever evaluation.cost says").hasSize(1);
        JsonNode latency = works(Work.Export.class).getFirst().report().at("/plan/latency");
        assertThat(latency.get("predictedShare").asDouble()).isEqualTo(0.65);
        assertThat(latency.at("/reached/originalMillis").asDouble()).isEqualTo(2.5);
        assertThat(latency.at("/reached/millis").asDouble()).isEqualTo(1.5);
        assertThat(latency.at("/reached/share").asDouble()).isEqualTo(0.6);
        assertThat(latency.at("/reached/met").asBoolean()).isTrue();
        assertThat(latency.at("/reached/quartiles")).hasSize(2);
    }

    /** Only the candidate that asks for a time is ranked by the table; the choice is measured against it. */
    @Test
    void aCandidateMayBeHeldToATime() {
        Job job = run(Requests.SELECT.replace("{ calibration: { seed: 7 } }", "{ target: { latency: 0.7 } }"));
        assertThat(job.stages()).extracting(StageRun::name).startsWith(StageName.PREPARE, StageName.TIME,
                StageName.SELECT);
        assertThat(works(Work.Time.class)).hasSize(1);
        assertThat(works(Work.Rank.class)).extracting(rank -> rank.times() != null).containsExactly(false, false, true);
        assertThat(works(Work.Cost.class)).hasSize(1);
    }

    @Test
    void otherTargetsTimeNothing() {
        run(Requests.FULL);
        assertThat(works(Work.Time.class)).isEmpty();
        assertThat(works(Work.Rank.class)).extracting(Work.Rank::times).containsOnlyNulls();
        assertThat(works(Work.Export.class).getFirst().report().at("/plan").has("latency")).isFalse();
    }

    @Test
    void aRecoveryThatDidNotHelpLeavesThePrunedModelTheResult() {
        change = found -> {
            if (found.facts().has("accepted")) {
                found.facts().put("accepted", false);
                return new FakeWorkers.Found(Map.of(), found.facts());
            }
            return found;
        };
        run(Requests.FULL);
        Work.Export export = works(Work.Export.class).getFirst();
        assertThat(export.model()).isEqualTo(new ModelSource.Tree(FakeWorkers.find(works(Work.Slice.class).getFirst())
                .outputs().get("model")));
        assertThat(export.report().at("/recovery/accepted").asBoolean(true)).isFalse();
        assertThat(export.report().at("/models").has("recovered")).isFalse();
        assertThat(works(Work.Perplexity.class)).hasSize(2);
    }

    @Test
    void theExportedReportReadsAsIfTheJobHadSucceeded() {
        run(Requests.FULL);
        JsonNode report = works(Work.Export.class).getFirst().report();
        assertThat(report.at("/job/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(report.get("stages")).hasSize(6).allSatisfy(stage -> {
            assertThat(stage.get("state").asText()).isEqualTo("DONE");
            assertThat(stage.get("tasks").asInt()).isPositive();
            assertThat(stage.has("fromCache")).isTrue();
        });
        assertThat(report.at("/plan/layers/0").has("channels")).isTrue();
        assertThat(report.at("/plan/layers/0/keptChannels")).isEmpty();
        assertThat(report.at("/models/pruned/parameters").asLong()).isEqualTo(200_000);
        assertThat(report.at("/plan/predicted/bytes").asLong()).isEqualTo(804_000);
        assertThat(report.at("/plan/achieved/bytes").asLong()).isEqualTo(800_000);
    }

    @Test
    void everyRoundOfASearchCanBeLookedAt() {
        Job job = run(Requests.SEARCH);
        JsonNode generations = Snapshots.of(job, NOW).search().get("generations");
        assertThat(generations).extracting(generation -> generation.get("round").asInt()).containsExactly(1, 2, 3);
        assertThat(generations).allSatisfy(generation -> assertThat(generation.get("values")).hasSize(6));
        assertThat(works(Work.Export.class).getFirst().report().at("/search/generations")).hasSize(3);
        assertThat(Snapshots.of(run(Requests.SHORT), NOW).search()).isNull();
    }

    @Test
    void withoutEvaluationAndRecoveryTheirStagesAreAbsent() {
        assertThat(run(Requests.SHORT).stages()).extracting(StageRun::name).containsExactly(StageName.PREPARE,
                StageName.SCORE, StageName.RANK, StageName.SLICE, StageName.REPORT);
    }
}
