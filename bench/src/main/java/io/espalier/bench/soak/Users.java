package io.espalier.bench.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.topic.Json;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * People who submit jobs one after another, some of them twice by mistake, change their minds about some, and wait until
 * each has ended as it should. They talk to whichever coordinator answers.
 */
final class Users {
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    /** Variants of a request; equal ones may answer each other from the cache. */
    private static final int VARIANTS = 60;

    /**
     * What a user knows of a job of his.
     *
     * @param variant equal ones must have equal results
     * @param right   states in which it may end
     * @param fresh   whether all its work must be done
     */
    record Expected(String job, int variant, Set<State> right, boolean fresh) {}

    private final List<CoordinatorClient> clients;
    private final Path text;
    private final long seed;
    private final Map<String, Expected> expected = new ConcurrentHashMap<>();
    private final Map<String, JobSnapshot> ended = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean goHome;

    /** @param text any file, which the jobs name as theirs */
    Users(List<URI> servers, Path text, long seed) {
        this.clients = servers.stream().map(server -> new CoordinatorClient(server, null)).toList();
        this.text = text;
        this.seed = seed;
    }

    void start(int users) {
        for (int i = 0; i < users; i++) {
            int user = i;
            threads.add(Thread.ofVirtual().name("user-" + i).start(() -> live(user)));
        }
    }

    /** No more jobs; waits for those that are under way. */
    void end(Duration patience) throws InterruptedException {
        goHome = true;
        long deadline = System.nanoTime() + patience.toNanos();
        for (Thread thread : threads) {
            if (!thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                thread.interrupt();
                thread.join();
            }
        }
        clients.forEach(CoordinatorClient::close);
    }

    Map<String, Expected> expected() {
        return expected;
    }

    /** Jobs that were seen to end; one that is expected and not here is stuck. */
    Map<String, JobSnapshot> ended() {
        return ended;
    }

    private void live(int user) {
        var random = new Random(seed * 1000 + user);
        try {
            for (int i = 0; !goHome; i++) {
                job(user, i, random);
            }
        } catch (InterruptedException e) {
            // told to go although a job has not ended: the audit will say so
        }
    }

    private void job(int user, int number, Random random) throws InterruptedException {
        double mood = random.nextDouble();
        boolean bad = mood > 0.95;
        int variant = random.nextInt(VARIANTS);
        boolean fresh = random.nextBoolean();
        String id = (bad ? "bad" : "job") + "-" + user + "-" + number;
        JsonNode request = request(id, variant, fresh, random.nextInt(1, 6), user);
        Set<State> right = EnumSet.of(bad ? State.FAILED : State.SUCCEEDED);
        if (mood < 0.06) {
            right.add(State.CANCELLED);
        }
        expected.put(id, new Expected(id, variant, right, fresh));
        insist(random, client -> client.submit(id, request));
        if (random.nextDouble() < 0.1) {
            insist(random, client -> client.submit(id, request));
        }
        if (mood < 0.06) {
            command(id, "cancel", random);
        } else if (mood < 0.14) {
            command(id, "pause", random);
            Thread.sleep(random.nextInt(2000));
            command(id, "resume", random);
        }
        awaitEnd(id, bad, random);
    }

    /** Whatever the job is by then: a command that comes too late is refused, which is right. */
    private void command(String id, String verb, Random random) throws InterruptedException {
        Thread.sleep(random.nextInt(1500));
        insist(random, client -> List.of(client.command(id, verb)));
    }

    private void awaitEnd(String id, boolean bad, Random random) throws InterruptedException {
        while (true) {
            JobSnapshot job = insist(random, client -> List.of(client.job(id))).stream().findFirst().orElse(null);
            if (job != null && job.state() == State.PAUSED) {
                command(id, "resume", random); // the first one came before the pause was seen
            } else if (job != null && job.state() == State.FAILED && !bad && job.error().message().contains(
                    "disk is full")) {
                command(id, "retry", random); // there is room again, or will be
            } else if (job != null && job.state().ended()) {
                ended.put(id, job);
                return;
            }
            Thread.sleep(LOOK_EVERY);
        }
    }

    /** What a user asks of a coordinator. */
    private interface Call {
        List<JobSnapshot> to(CoordinatorClient client) throws ServerException, InterruptedException;
    }

    /** Asks one coordinator after another until one has an answer; empty if it is a refusal. */
    private List<JobSnapshot> insist(Random random, Call call) throws InterruptedException {
        for (int turn = random.nextInt(clients.size());; turn++) {
            try {
                return call.to(clients.get(turn % clients.size()));
            } catch (ServerException e) {
                if (e.status() == 409 || e.status() == 404) {
                    return List.of();
                }
                Thread.sleep(LOOK_EVERY);
            }
        }
    }

    private JsonNode request(String id, int variant, boolean fresh, int priority, int user) {
        ObjectNode request = Json.requests().createObjectNode().put("name", id).put("model", text.getParent().resolve(
                "model").toString()).put("priority", priority).put("cache", !fresh);
        request.putObject("labels").put("team", "team-" + user % 3);
        request.putObject("method").put("name", "magnitude");
        request.putObject("target").put("groups", 0.1 + variant / 1000.0);
        ObjectNode evaluation = request.putObject("evaluation").put("cost", false);
        evaluation.putArray("perplexity").addObject().put("name", "toy").put("text", text.toString());
        request.putObject("output").put("location", text.getParent().resolve("out").toString());
        return request;
    }
}
