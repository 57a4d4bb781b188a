package io.espalier.coordinator.http;

import io.espalier.coordinator.job.Difference;
import io.espalier.coordinator.log.CommandSender;
import io.espalier.coordinator.log.JobsView;
import io.espalier.coordinator.log.Submission;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestDocument;
import io.espalier.protocol.request.RequestReader;
import io.espalier.protocol.topic.Json;
import io.opentelemetry.context.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Turns a body into jobs: publishes each as a command and waits until it is seen, so that a second submission under the
 * same key is compared with the first even if both come at once.
 */
final class Submitter {
    private static final int LONGEST_LABEL = 40;
    private static final String ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
    private static final int RANDOM_CHARACTERS = 6;

    private record Part(JobId job, PruningRequest request, String digest) {}

    private final Vertx vertx;
    private final Submission submission;
    private final CommandSender sender;
    private final JobsView view;
    private final Awaiting awaiting;
    private final SecureRandom random = new SecureRandom();

    Submitter(Vertx vertx, Submission submission, CommandSender sender, JobsView view, Awaiting awaiting) {
        this.vertx = vertx;
        this.submission = submission;
        this.sender = sender;
        this.view = view;
        this.awaiting = awaiting;
    }

    /**
     * @param key  Idempotency-Key, or null
     * @param body JSON or YAML
     * @param trace that the jobs become part of
     * @return one snapshot per job, in the order of the sweep; fails with an
     *         {@link io.espalier.protocol.request.InvalidRequestException} that tells all that is wrong, or a
     *         {@link Problem.Failure} if the key stands for another request already
     */
    Future<List<JobSnapshot>> submit(String key, String body, Context trace) {
        return vertx.executeBlocking(() -> read(key, body), false).compose(parts -> {
            parts.forEach(part -> view.job(part.job()).ifPresent(known -> refuseOther(known, part)));
            return Future.all(parts.stream().map(part -> publish(part, trace)).toList())
                    .map(all -> all.<JobSnapshot>list());
        });
    }

    /** Reading and checking takes its time with a large body: not on the event loop. */
    private List<Part> read(String key, String body) {
        RequestDocument document = RequestReader.parse(body);
        JobId base = key == null ? fresh(document) : Submission.jobFor(key);
        List<Part> parts = new ArrayList<>();
        for (Command.Submit part : submission.split(base, document)) {
            PruningRequest request = submission.read(part.request());
            parts.add(new Part(part.job(), request, Submission.digest(request)));
        }
        return parts;
    }

    private Future<JobSnapshot> publish(Part part, Context trace) {
        if (view.job(part.job()).isPresent()) {
            return Future.succeededFuture(view.job(part.job()).get());
        }
        return sender.send(new Command.Submit(part.job(), Json.events().valueToTree(part.request())), trace)
                .compose(_ -> awaiting.until(part.job(), Objects::nonNull)).map(seen -> {
                    if (seen == null) {
                        return pending(part);
                    }
                    refuseOther(seen, part);
                    return seen;
                });
    }

    private static void refuseOther(JobSnapshot known, Part part) {
        if (!known.submission().equals(part.digest())) {
            throw Problem.conflict("job " + known.id() + " is another request: the same Idempotency-Key must come with"
                    + " the same body",
                    Difference.between(known.request(), part.request()).stream().map(place -> new Problem.Place(place
                            .pointer(), "was " + place.before() + ", is " + place.after(), null)).toList());
        }
    }

    /** Published, but not yet seen by us. */
    private static JobSnapshot pending(Part part) {
        Instant now = Instant.now();
        return new JobSnapshot(part.job(), part.request().name(), JobSnapshot.State.RUNNING, 0, 0, now, now, null,
                part.request(), part.digest(), List.of(), null, null, null, null, Map.of(), null, null, null,
                null, null, List.of(), List.of(), null, null);
    }

    /** Readable, and nobody else's: {@code stories-20-x7k2pm}. */
    private JobId fresh(RequestDocument document) {
        String label = document.root().path("name").asText(document.root().path("model").asText("job"));
        String slug = label.substring(label.replaceAll("/+$", "").lastIndexOf('/') + 1).toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        StringBuilder id = new StringBuilder(slug.isEmpty()
                ? "job"
                : slug.substring(0, Math.min(LONGEST_LABEL, slug
                        .length())))
                .append('-');
        for (int i = 0; i < RANDOM_CHARACTERS; i++) {
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return new JobId(id.toString());
    }
}
