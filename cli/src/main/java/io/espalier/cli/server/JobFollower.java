package io.espalier.cli.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.topic.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Follows a job to its end by server-sent events. A stream that breaks is opened again, after asking for the job's
 * state, so that nothing is missed; a coordinator may restart meanwhile.
 */
public final class JobFollower {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final CoordinatorClient client;
    private final Duration patience;

    /** @param patience how long the coordinator may be silent, or the job unknown, before that is an error */
    public JobFollower(CoordinatorClient client, Duration patience) {
        this.client = client;
        this.patience = patience;
    }

    /** Calls back with every change, and returns the last state. */
    public JobSnapshot follow(String id, Consumer<JobSnapshot> onChange) throws ServerException, InterruptedException {
        Instant lastAnswer = Instant.now();
        while (true) {
            try {
                JobSnapshot job = client.job(id);
                lastAnswer = Instant.now();
                onChange.accept(job);
                job = job.state().ended() ? job : stream(id, job, onChange);
                if (job.state().ended()) {
                    return job;
                }
            } catch (ServerException e) {
                boolean mayChange = !e.isUsersFault() || e.status() == 404;
                if (!mayChange || Duration.between(lastAnswer, Instant.now()).compareTo(patience) > 0) {
                    throw e;
                }
            }
            Thread.sleep(PAUSE);
        }
    }

    private JobSnapshot stream(String id, JobSnapshot known, Consumer<JobSnapshot> onChange)
            throws ServerException, InterruptedException {
        JobSnapshot latest = known;
        try (InputStream in = client.events(id);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            StringBuilder data = new StringBuilder();
            for (String line = lines.readLine(); line != null && !latest.state().ended(); line = lines.readLine()) {
                if (line.startsWith("data:")) {
                    data.append(line.substring(5));
                } else if (line.isEmpty() && !data.isEmpty()) {
                    latest = newer(latest, data.toString(), onChange);
                    data.setLength(0);
                }
            }
        } catch (IOException e) {
            return latest; // broken: ask again
        }
        return latest;
    }

    private static JobSnapshot newer(JobSnapshot known, String data, Consumer<JobSnapshot> onChange)
            throws ServerException {
        try {
            JobSnapshot job = CoordinatorClient.snapshot(Json.events().readTree(data));
            if (job.revision() < known.revision() || !job.id().equals(known.id())) {
                return known;
            }
            onChange.accept(job);
            return job;
        } catch (JsonProcessingException e) {
            throw new ServerException("the coordinator sends events that are not JSON", e);
        }
    }
}
