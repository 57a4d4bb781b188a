package io.espalier.cli.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.espalier.cli.Jobs;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.topic.Json;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobFollowerTest {
    private static final String JOB = "GET /api/v1/jobs/a-1";
    private static final String EVENTS = JOB + "/events";

    private FakeCoordinator coordinator;
    private CoordinatorClient client;

    @BeforeEach
    void start() throws Exception {
        coordinator = new FakeCoordinator();
        client = new CoordinatorClient(coordinator.uri(), null);
    }

    @AfterEach
    void stop() {
        client.close();
        coordinator.close();
    }

    @Test
    void followsEventsToTheEnd() throws Exception {
        coordinator.on(JOB, 200, "application/json", json(Jobs.running("a-1")));
        coordinator.on(EVENTS, 200, "text/event-stream", ": hello\n\n" + event(Jobs.running("a-1")) + event(Jobs.ended(
                "b-2", State.FAILED)) + event(Jobs.ended("a-1", State.SUCCEEDED)));
        List<State> seen = new ArrayList<>();

        JobSnapshot last = new JobFollower(client, Duration.ofSeconds(5)).follow("a-1", job -> seen.add(job.state()));

        assertThat(last.state()).isEqualTo(State.SUCCEEDED);
        assertThat(seen).containsExactly(State.RUNNING, State.RUNNING, State.SUCCEEDED);
    }

    @Test
    void waitsForAJobThatIsNotKnownYetAndAsksAgainWhenTheStreamBreaks() throws Exception {
        coordinator.on(JOB, 404, "application/problem+json", "{\"title\": \"Not found\"}");
        coordinator.on(JOB, 200, "application/json", json(Jobs.running("a-1")));
        coordinator.on(JOB, 200, "application/json", json(Jobs.ended("a-1", State.FAILED)));
        coordinator.on(EVENTS, 200, "text/event-stream", event(Jobs.running("a-1")) + "data: {\"cut");

        JobSnapshot last = new JobFollower(client, Duration.ofSeconds(5)).follow("a-1", job -> {});

        assertThat(last.state()).isEqualTo(State.FAILED);
    }

    @Test
    void givesUpAfterSilence() {
        JobFollower follower = new JobFollower(client, Duration.ofMillis(50));

        assertThatThrownBy(() -> follower.follow("unknown", job -> {})).isInstanceOf(ServerException.class)
                .hasMessageContaining("nothing at");
    }

    @Test
    void showsAProblemWithItsPointers() {
        coordinator.on("POST /api/v1/jobs", 400, "application/problem+json", """
                {"title": "The request is not valid", "status": 400, "detail": "2 things are wrong with it",
                 "errors": [{"pointer": "/method/name", "detail": "'x' is not one of a, b"},
                            {"pointer": "", "detail": "odd"}]}""");

        assertThatThrownBy(() -> client.submit("key", Json.events().createObjectNode())).hasMessage(
                "2 things are wrong with it\n/method/name: 'x' is not one of a, b\nodd").satisfies(
                        e -> assertThat(((ServerException) e).isUsersFault()).isTrue());
    }

    @Test
    void saysWhenNobodyAnswersOrSomethingElseDoes() {
        CoordinatorClient nobody = new CoordinatorClient(URI.create("http://127.0.0.1:1"), null);
        assertThatThrownBy(() -> nobody.job("a")).hasMessageContaining("no coordinator answers at http://127.0.0.1:1")
                .hasMessageContaining("--server");
        coordinator.on(JOB, 200, "text/html", "<html>");
        assertThatThrownBy(() -> client.job("a-1")).hasMessageContaining("is not a coordinator");
    }

    @Test
    void readsAllPagesOfJobs() throws Exception {
        coordinator.on("GET /api/v1/jobs?limit=200&state=RUNNING", 200, "application/json",
                "{\"jobs\": [" + json(Jobs.running("a-1")) + "], \"next\": \"a-1\"}");
        coordinator.on("GET /api/v1/jobs?limit=200&state=RUNNING&after=a-1", 200, "application/json",
                "{\"jobs\": [" + json(Jobs.running("a-2")) + "]}");

        assertThat(client.jobs(State.RUNNING)).extracting(job -> job.id().value()).containsExactly("a-1", "a-2");
    }

    private static String event(JobSnapshot job) throws JsonProcessingException {
        return "event: job\nid: 1\ndata: " + json(job) + "\n\n";
    }

    private static String json(JobSnapshot job) throws JsonProcessingException {
        return Json.events().writeValueAsString(job);
    }
}
