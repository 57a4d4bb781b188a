package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.coordinator.log.TaskTopicTrimmer;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole coordinator against a real broker. */
class CoordinatorTest {
    @TempDir
    static Path folder;
    private static TestStack stack;
    private static Coordinator coordinator;

    @BeforeAll
    static void start() throws Exception {
        stack = new TestStack(folder);
        coordinator = stack.startCoordinator("first");
    }

    @AfterAll
    static void stop() throws Exception {
        stack.close();
    }

    @AfterEach
    void workersTakeEverything() {
        stack.ignore(task -> false);
    }

    @Test
    void aJobSubmittedByHttpSucceeds() throws Exception {
        HttpResponse<String> response = stack.submit(coordinator, "full", Requests.FULL);
        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.headers().firstValue("Location")).hasValue("/api/v1/jobs/full");

        JobSnapshot job = stack.awaitState(coordinator, "full", State.SUCCEEDED);
        assertThat(job.progress()).isEqualTo(1);
        assertThat(job.stages()).extracting(JobSnapshot.Stage::stage).containsExactly(StageName.PREPARE,
                StageName.SCORE, StageName.RANK, StageName.SLICE, StageName.RECOVER, StageName.EVALUATE,
                StageName.REPORT);
        assertThat(job.stages()).allSatisfy(stage -> {
            assertThat(stage.state()).isEqualTo(JobSnapshot.StageState.DONE);
            assertThat(stage.done()).isEqualTo(stage.tasks()).isEqualTo(stage.attempts()).isPositive();
        });
        assertThat(job.models()).containsOnlyKeys(Subject.values());
        JsonNode report = TestStack.json(stack.send(coordinator, "GET", "/api/v1/jobs/full/report", null));
        assertThat(report.at("/job/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(report.at("/models/original/parameters").asLong()).isEqualTo(FakeWorkers.PARAMETERS);
        assertThat(report.at("/models/pruned/perplexity/tiny@128").isNumber()).isTrue();
        assertThat(report.at("/models/recovered/cost/prefillMillis").asDouble()).isEqualTo(1.5);
        assertThat(report.at("/models/recovered/tasks/boolq/acc").asDouble()).isEqualTo(0.5);
        assertThat(report.at("/plan/achieved/parameters").asLong()).isEqualTo(200_000);
        assertThat(report.at("/plan/layers")).hasSize(FakeWorkers.LAYERS);
        assertThat(report.at("/environment/device").asText()).isEqualTo("cpu");
        assertThat(report.at("/request/model").asText()).isEqualTo("/models/stories");
    }

    @Test
    void aPlainRecordOnTheRequestTopicIsAJob() throws Exception {
        stack.publish("plain",
                "{\"model\": \"/m\", \"method\": {\"name\": \"magnitude\"}, \"target\": {\"groups\": 0.5},"
                        + " \"evaluation\": {\"cost\": false}}");
        JobSnapshot job = stack.awaitState(coordinator, "plain", State.SUCCEEDED);
        assertThat(job.request().output().location()).isEqualTo(folder.resolve("out").toString());
    }

    @Test
    void aRecordInTheWrongPartitionIsForwarded() throws Exception {
        for (int partition = 0; partition < 4; partition++) {
            stack.publish(partition, "anywhere-" + partition, Requests.READER.json(Requests.parse(Requests.SHORT))
                    .toString());
        }
        for (int partition = 0; partition < 4; partition++) {
            stack.awaitState(coordinator, "anywhere-" + partition, State.SUCCEEDED);
        }
    }

    @Test
    void aSweepIsOneJobPerEntry() throws Exception {
        HttpResponse<String> response = stack.submit(coordinator, "many", Requests.SHORT.replace(
                "target: { groups: 0.25 }", "target: { groups: 0.25 }\nsweep: [ { target: { groups: 0.1 } }, "
                        + "{ target: { groups: 0.2 } } ]"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        assertThat(TestStack.json(response).get("jobs")).hasSize(2);
        assertThat(stack.awaitState(coordinator, "many-1", State.SUCCEEDED).request().target().groups()).isEqualTo(
                0.1);
        assertThat(stack.awaitState(coordinator, "many-2", State.SUCCEEDED).request().target().groups()).isEqualTo(
                0.2);
    }

    @Test
    void theSameKeyIsTheSameJobAndAnotherBodyAConflict() throws Exception {
        assertThat(stack.submit(coordinator, "My key!", Requests.SHORT).statusCode()).isEqualTo(202);
        HttpResponse<String> again = stack.submit(coordinator, "My key!", Requests.SHORT);
        assertThat(again.statusCode()).isEqualTo(202);
        String id = TestStack.json(again).get("id").asText();
        HttpResponse<String> other = stack.submit(coordinator, "My key!", Requests.SHORT.replace("0.25", "0.5"));
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(TestStack.json(other).at("/errors/0/pointer").asText()).isEqualTo("/target/groups");
        stack.awaitState(coordinator, id, State.SUCCEEDED);
        assertThat(stack.tasks.stream().filter(task -> task.id().job().value().equals(id) && task
                .stage() == StageName.PREPARE)).hasSize(1);
    }

    @Test
    void aTransientFailureIsTriedAgainAndAPermanentOneFailsTheJob() throws Exception {
        stack.ignore(StageName.PREPARE);
        stack.submit(coordinator, "unlucky", Requests.SHORT);
        stack.fail(stack.awaitTask("unlucky", StageName.PREPARE, 1), FailureKind.TRANSIENT, "lost a connection");
        Task second = stack.awaitTask("unlucky", StageName.PREPARE, 2);
        stack.fail(second, FailureKind.OUT_OF_MEMORY, "not enough memory");
        Task third = stack.awaitTask("unlucky", StageName.PREPARE, 3);
        assertThat(third.workerHint()).isEqualTo(2);
        stack.fail(third, FailureKind.PERMANENT, "no such model");
        JobSnapshot failed = stack.awaitState(coordinator, "unlucky", State.FAILED);
        assertThat(failed.error().message()).isEqualTo("no such model");
        assertThat(failed.error().stage()).isEqualTo(StageName.PREPARE);
        assertThat(TestStack.json(stack.send(coordinator, "GET", "/api/v1/jobs/unlucky/report", null)).at(
                "/error/message").asText()).isEqualTo("no such model");

        stack.ignore(task -> false);
        assertThat(stack.send(coordinator, "POST", "/api/v1/jobs/unlucky/retry", null).statusCode()).isEqualTo(202);
        stack.awaitState(coordinator, "unlucky", State.SUCCEEDED);
    }

    @Test
    void aSilentWorkerIsGivenUp() throws Exception {
        stack.ignore(task -> task.stage() == StageName.PREPARE && task.attempt() == 1);
        stack.submit(coordinator, "silent", Requests.SHORT);
        Task task = stack.awaitTask("silent", StageName.PREPARE, 1);
        stack.report(new TaskReport.Started(task.id(), 1,
                new WorkerId("gone"), Instant.now(), null));
        assertThat(stack.awaitTask("silent", StageName.PREPARE, 2).attempt()).isEqualTo(2);
        stack.awaitState(coordinator, "silent", State.SUCCEEDED);
    }

    @Test
    void cancelPauseResumeDelete() throws Exception {
        stack.ignore(StageName.SCORE);
        stack.submit(coordinator, "steered", Requests.SHORT);
        Task first = stack.awaitTask("steered", StageName.SCORE, 1);
        assertThat(stack.send(coordinator, "DELETE", "/api/v1/jobs/steered", null).statusCode()).isEqualTo(409);

        HttpResponse<String> paused = stack.send(coordinator, "POST", "/api/v1/jobs/steered/pause", null);
        assertThat(TestStack.json(paused).get("state").asText()).isEqualTo("PAUSED");
        stack.fail(first, FailureKind.HELD, "the job is paused");
        stack.send(coordinator, "POST", "/api/v1/jobs/steered/resume", null);
        assertThat(stack.awaitTask("steered", StageName.SCORE, 2).id()).isEqualTo(first.id());

        HttpResponse<String> cancelled = stack.send(coordinator, "POST", "/api/v1/jobs/steered/cancel", null);
        assertThat(cancelled.statusCode()).isEqualTo(202);
        assertThat(TestStack.json(cancelled).get("state").asText()).isEqualTo("CANCELLED");
        await().until(() -> stack.controls.stream().filter(control -> control.job().value().equals("steered"))
                .map(Control::wish).toList(), List.of(Control.Wish.HOLD, Control.Wish.RUN, Control.Wish.STOP)::equals);
        assertThat(stack.send(coordinator, "POST", "/api/v1/jobs/steered/pause", null).statusCode()).isEqualTo(409);

        assertThat(stack.send(coordinator, "DELETE", "/api/v1/jobs/steered", null).statusCode()).isEqualTo(204);
        assertThat(stack.send(coordinator, "GET", "/api/v1/jobs/steered", null).statusCode()).isEqualTo(404);
    }

    @Test
    void whatCannotBeReadGoesToTheDeadLetters() throws Exception {
        stack.publish("bad-json", "{ not json");
        stack.publish("bad-request", "{\"model\": \"/m\", \"metod\": {}}");
        stack.publish("nobody", "{\"type\": \"cancel\", \"job\": \"nobody\"}");
        await().until(() -> stack.read(Topic.DEAD_LETTERS).stream().map(record -> record.key()).toList(),
                keys -> keys.containsAll(List.of("bad-json", "bad-request", "nobody")));
        assertThat(stack.read(Topic.DEAD_LETTERS)).filteredOn(record -> "bad-request".equals(record.key()))
                .allSatisfy(record -> assertThat(new String(record.headers().lastHeader("__dlq.errors.message")
                        .value(), StandardCharsets.UTF_8)).contains("metod"));
    }

    @Test
    void aDeadLetterIsListedAndSentAgain() throws Exception {
        stack.publish("early", "{\"type\": \"cancel\", \"job\": \"early\"}");
        JsonNode letter = await().until(() -> letter("early"), found -> found != null);
        assertThat(letter.get("topic").asText()).isEqualTo(Topic.REQUESTS.topicName());
        assertThat(letter.get("reason").asText()).contains("there is no job early");
        assertThat(letter.get("stack").asText()).contains("RefusedException");

        stack.ignore(StageName.PREPARE);
        stack.submit(coordinator, "early", Requests.SHORT);
        HttpResponse<String> again = stack.send(coordinator, "POST", "/api/v1/dead-letters/" + letter.get("number")
                + "/replay", null);
        assertThat(again.statusCode()).as(again.body()).isEqualTo(202);
        stack.awaitState(coordinator, "early", State.CANCELLED);
        assertThat(stack.send(coordinator, "POST", "/api/v1/dead-letters/1234567/replay", null).statusCode()).isEqualTo(
                404);
    }

    private static JsonNode letter(String key) throws Exception {
        for (JsonNode letter : TestStack.json(stack.send(coordinator, "GET", "/api/v1/dead-letters?limit=500", null))
                .get(
                        "deadLetters")) {
            if (letter.path("key").asText().equals(key)) {
                return letter;
            }
        }
        return null;
    }

    @Test
    void aRestartGoesOnWhereTheOldOneWas() throws Exception {
        stack.ignore(StageName.SLICE);
        stack.submit(coordinator, "restarted", Requests.FULL);
        Task slice = stack.awaitTask("restarted", StageName.SLICE, 1);
        stack.stop(coordinator);
        stack.release(slice); // while nobody listens
        coordinator = stack.startCoordinator("first");
        JobSnapshot job = stack.awaitState(coordinator, "restarted", State.SUCCEEDED);
        assertThat(job.stages()).allSatisfy(stage -> assertThat(stage.attempts()).isEqualTo(stage.tasks()));
        long published = stack.tasks.stream().filter(task -> task.id().job().value().equals("restarted")).count();
        assertThat(published).isEqualTo(job.stages().stream().mapToInt(JobSnapshot.Stage::tasks).sum());
    }

    @Test
    void anyCoordinatorAnswersForAnyJob() throws Exception {
        Coordinator second = stack.startCoordinator("second");
        try {
            for (int i = 0; i < 4; i++) {
                stack.submit(i % 2 == 0 ? coordinator : second, "shared-" + i, Requests.SHORT);
            }
            for (int i = 0; i < 4; i++) {
                stack.awaitState(second, "shared-" + i, State.SUCCEEDED);
                stack.awaitState(coordinator, "shared-" + i, State.SUCCEEDED);
            }
        } finally {
            stack.stop(second);
        }
        stack.submit(coordinator, "alone-again", Requests.SHORT);
        stack.awaitState(coordinator, "alone-again", State.SUCCEEDED);
    }

    @Test
    void aBrokerThatComesBackFindsEverythingAsItWas() throws Exception {
        stack.ignore(StageName.SLICE);
        stack.submit(coordinator, "outlived", Requests.SHORT);
        Task slice = stack.awaitTask("outlived", StageName.SLICE, 1);
        stack.stopBroker();
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> stack.submit(coordinator, "during", Requests.SHORT)
                    .statusCode() == 503);
        } finally {
            stack.startBroker();
        }
        stack.release(slice);
        JobSnapshot job = stack.awaitState(coordinator, "outlived", State.SUCCEEDED);
        assertThat(job.stages()).allSatisfy(stage -> assertThat(stage.attempts()).isEqualTo(stage.tasks()));
    }

    @Test
    void aWorkerThatTalksNonsenseFailsItsJobAndNothingElse() throws Exception {
        stack.ignore(task -> task.id().job().value().startsWith("nonsense") && task.stage() != StageName.SCORE);
        stack.submit(coordinator, "nonsense-1", Requests.SHORT);
        Task prepare = stack.awaitTask("nonsense-1", StageName.PREPARE, 1);
        stack.answer(prepare, 1, new FakeWorkers.Found(Map.of(), Json.events().createObjectNode().put("layers",
                "many")));
        assertThat(stack.awaitState(coordinator, "nonsense-1", State.FAILED).error().message()).contains(
                "cannot go on");
        stack.submit(coordinator, "nonsense-2", Requests.SHORT);
        stack.answer(stack.awaitTask("nonsense-2", StageName.PREPARE, 1), 1);
        Task rank = stack.awaitTask("nonsense-2", StageName.RANK, 1);
        var facts = Json.events().createObjectNode();
        facts.putArray("layers").add("not a layer");
        stack.answer(rank, 1, new FakeWorkers.Found(FakeWorkers.find(rank.work()).outputs(), facts));
        stack.awaitState(coordinator, "nonsense-2", State.FAILED);
    }

    @Test
    void aTaskThatTheBrokerGaveUpFailsItsJob() throws Exception {
        stack.ignore(StageName.RANK);
        stack.submit(coordinator, "poisoned", Requests.SHORT);
        Task task = stack.awaitTask("poisoned", StageName.RANK, 1);
        var letter = new ProducerRecord<String, byte[]>(Topic.DEAD_LETTERS.topicName(), "poisoned", Json.events()
                .writeValueAsBytes(task));
        letter.headers().add("__dlq.errors.topic", Topic.TASKS_SCORING.topicName().getBytes(StandardCharsets.UTF_8));
        stack.send(letter);
        assertThat(stack.awaitState(coordinator, "poisoned", State.FAILED).error().message()).contains(
                "no worker survived");
    }

    @Test
    void artifactsGoWithTheirJobUnlessAnotherNamesThem() throws Exception {
        ArtifactRef own;
        ArtifactRef shared;
        try (ArtifactStore store = stack.artifacts()) {
            own = store.putBytes("own".getBytes(StandardCharsets.UTF_8));
            shared = store.putBytes("shared".getBytes(StandardCharsets.UTF_8));
            stack.ignore(StageName.RANK);
            for (String id : List.of("collected", "keeper")) {
                stack.submit(coordinator, id, Requests.SHORT);
                Task rank = stack.awaitTask(id, StageName.RANK, 1);
                FakeWorkers.Found found = FakeWorkers.find(rank.work());
                stack.answer(rank, 1, new FakeWorkers.Found(Map.of("plan", shared, "own", id.equals("collected")
                        ? own
                        : shared), found.facts()));
                stack.awaitState(coordinator, id, State.SUCCEEDED);
            }
            stack.send(coordinator, "DELETE", "/api/v1/jobs/collected", null);
            await().until(() -> !store.contains(own));
            assertThat(store.contains(shared)).isTrue();
        }
    }

    @Test
    void taskTopicsAreTrimmedBehindTheWorkers() throws Exception {
        stack.submit(coordinator, "trimmed", Requests.SHORT);
        stack.awaitState(coordinator, "trimmed", State.SUCCEEDED);
        var partition = new TopicPartition(Topic.TASKS_GPU.topicName(), 0);
        try (var workers = new KafkaShareConsumer<String, byte[]>(stack.kafka.shareConsumer(Topic.workersGroup(
                WorkerKind.GPU), "gpu-1"));
                var trimmer = new TaskTopicTrimmer(stack.kafka);
                var reader = new KafkaConsumer<String, byte[]>(stack.kafka.consumer("offsets"))) {
            workers.subscribe(List.of(partition.topic()));
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                workers.poll(Duration.ofMillis(200)).forEach(workers::acknowledge);
                workers.commitSync();
                trimmer.trim(WorkerKind.GPU);
                return reader.beginningOffsets(List.of(partition)).get(partition) > 0;
            });
        }
    }

    @Test
    void aSecondSubmissionIsRecognisedAfterARestart() throws Exception {
        stack.submit(coordinator, "known", Requests.SHORT);
        stack.awaitState(coordinator, "known", State.SUCCEEDED);
        stack.stop(coordinator);
        coordinator = stack.startCoordinator("first");
        stack.publish("known", Requests.READER.json(Requests.parse(Requests.SHORT.replace("0.25", "0.75")))
                .toString());
        await().until(() -> stack.read(Topic.DEAD_LETTERS).stream().anyMatch(record -> "known".equals(record.key())));
        assertThat(stack.submit(coordinator, "known", Requests.SHORT).statusCode()).isEqualTo(202);
        assertThat(stack.job(coordinator, "known").state()).isEqualTo(State.SUCCEEDED);
        List<Integer> sizes = stack.read(Topic.JOB_LOG).stream().filter(record -> "known".equals(record.key()))
                .map(record -> record.value().length).toList();
        assertThat(sizes.getLast()).isLessThan(400);
    }
}
