package io.espalier.coordinator.http;

import io.espalier.coordinator.log.CommandSender;
import io.espalier.coordinator.log.JobSummary;
import io.espalier.coordinator.log.JobsView;
import io.espalier.coordinator.log.QueueView;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.State;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Jobs: submit, list, look at, command. */
final class JobHandlers {
    static final String JOBS = "/api/v1/jobs/";
    private static final Set<String> BODY_TYPES = Set.of("application/json", "application/yaml", "application/x-yaml",
            "text/yaml", "text/x-yaml");
    private static final int DEFAULT_LIMIT = 50;
    private static final int MOST_AT_ONCE = 500;
    private static final int MOST_COMPARED = 20;
    private static final int LONGEST_KEY = 255;
    private static final int BUSY_SECONDS = 30;
    private static final int NOT_READY_SECONDS = 2;

    private final HttpConfig config;
    private final Submitter submitter;
    private final CommandSender sender;
    private final JobsView view;
    private final QueueView queue;
    private final Awaiting awaiting;

    JobHandlers(HttpConfig config, Submitter submitter, CommandSender sender, JobsView view, QueueView queue,
            Awaiting awaiting) {
        this.config = config;
        this.submitter = submitter;
        this.sender = sender;
        this.view = view;
        this.queue = queue;
        this.awaiting = awaiting;
    }

    void submit(RoutingContext context) {
        requireView();
        if (view.count(EnumSet.of(State.RUNNING, State.PAUSED)) >= config.maxJobs()) {
            throw Problem.unavailable("there are " + config.maxJobs() + " open jobs already", BUSY_SECONDS);
        }
        String type = mediaType(context);
        if (!BODY_TYPES.contains(type)) {
            throw Problem.unsupported((type.isEmpty() ? "no Content-Type" : type)
                    + ": send application/json or application/yaml");
        }
        String body = context.body().asString();
        answer(context, submitter.submit(key(context), body == null ? "" : body, RequestSpan
                .contextOf(context))
                .onSuccess(jobs -> accepted(context, jobs)));
    }

    private static void accepted(RoutingContext context, List<JobSnapshot> jobs) {
        boolean single = jobs.size() == 1;
        context.response().putHeader(HttpHeaders.LOCATION, single ? JOBS + jobs.getFirst().id() : "/api/v1/jobs");
        Answers.send(context.response(), 202, Answers.JSON, single ? jobs.getFirst() : Map.of("jobs", jobs));
    }

    private static String key(RoutingContext context) {
        String key = context.request().getHeader("Idempotency-Key");
        if (key != null && (key.isBlank() || key.length() > LONGEST_KEY)) {
            throw Problem.badRequest("Idempotency-Key: write 1 to " + LONGEST_KEY + " characters");
        }
        return key;
    }

    private static String mediaType(RoutingContext context) {
        String header = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
        return header == null ? "" : header.split(";")[0].strip().toLowerCase(Locale.ROOT);
    }

    void list(RoutingContext context) {
        requireView();
        int limit = Parameters.number(context, "limit", DEFAULT_LIMIT, MOST_AT_ONCE);
        if (wantsSummaries(context)) {
            page(context, view.summaries(states(context), limit + 1, after(context)), limit, JobSummary::id);
        } else {
            page(context, view.jobs(states(context), limit + 1, after(context)), limit, JobSnapshot::id);
        }
    }

    private static <T> void page(RoutingContext context, List<T> found, int limit, Function<T, JobId> id) {
        List<T> page = found.subList(0, Math.min(limit, found.size()));
        var answer = new LinkedHashMap<String, Object>();
        answer.put("jobs", page);
        if (found.size() > limit) {
            answer.put("next", id.apply(page.getLast()));
        }
        Answers.send(context.response(), 200, Answers.JSON, answer);
    }

    /** {@code view=summary}: a line about each job, not the whole of it. */
    static boolean wantsSummaries(RoutingContext context) {
        String view = context.request().getParam("view", "full");
        if (!view.equals("full") && !view.equals("summary")) {
            throw Problem.badRequest("view = '" + view + "': write full or summary");
        }
        return view.equals("summary");
    }

    private static Set<State> states(RoutingContext context) {
        Set<State> states = EnumSet.noneOf(State.class);
        for (String text : context.queryParam("state")) {
            for (String name : text.split(",")) {
                states.add(Arrays.stream(State.values()).filter(state -> state.name().equalsIgnoreCase(name.strip()))
                        .findFirst().orElseThrow(() -> Problem.badRequest("state = '" + name + "': write one of "
                                + Arrays.toString(State.values()))));
            }
        }
        return states;
    }

    private JobId after(RoutingContext context) {
        String text = context.request().getParam("after");
        if (text == null) {
            return null;
        }
        JobId id = id(text);
        view.job(id).orElseThrow(() -> Problem.badRequest("after = '" + text + "': there is no such job"));
        return id;
    }

    void get(RoutingContext context) {
        Answers.send(context.response(), 200, Answers.JSON, queue.placed(job(context)));
    }

    void cancel(RoutingContext context) {
        command(context, Command.Cancel::new, EnumSet.of(State.RUNNING, State.PAUSED), EnumSet.of(State.CANCELLED));
    }

    void pause(RoutingContext context) {
        command(context, Command.Pause::new, EnumSet.of(State.RUNNING), EnumSet.of(State.PAUSED));
    }

    void resume(RoutingContext context) {
        command(context, Command.Resume::new, EnumSet.of(State.PAUSED), EnumSet.of(State.RUNNING));
    }

    void retry(RoutingContext context) {
        command(context, Command.Retry::new, EnumSet.of(State.FAILED, State.CANCELLED), EnumSet.of(State.RUNNING));
    }

    /** Publishes a command unless the job is already where it leads, and answers once it is seen to be obeyed. */
    private void command(RoutingContext context, Function<JobId, Command> command, Set<State> from, Set<State> to) {
        JobSnapshot job = job(context);
        if (!to.contains(job.state()) && !from.contains(job.state())) {
            throw Problem.conflict("job " + job.id() + " is " + job.state() + ", not " + join(from), List.of());
        }
        Future<JobSnapshot> obeyed = to.contains(job.state())
                ? Future.succeededFuture(job)
                : sender.send(command.apply(job.id()), RequestSpan.contextOf(context)).compose(_ -> awaiting.until(
                        job.id(),
                        seen -> seen == null || seen.revision() > job.revision() && !from.contains(seen.state())));
        answer(context, obeyed.onSuccess(seen -> Answers.send(context.response(), 202, Answers.JSON, seen == null
                ? job
                : seen)));
    }

    void delete(RoutingContext context) {
        JobSnapshot job = job(context);
        if (!job.state().ended()) {
            throw Problem.conflict("job " + job.id() + " is " + job.state() + ": cancel it first", List.of());
        }
        answer(context,
                sender.send(new Command.Delete(job.id()), RequestSpan.contextOf(context))
                        .compose(_ -> awaiting.until(job.id(),
                                seen -> seen == null))
                        .onSuccess(seen -> context.response().setStatusCode(seen == null ? 204 : 202)
                                .end()));
    }

    JobSnapshot job(RoutingContext context) {
        return job(context.pathParam("id"));
    }

    private JobSnapshot job(String text) {
        requireView();
        JobId id = id(text);
        return view.job(id).orElseThrow(() -> Problem.notFound("there is no job " + id));
    }

    /** The jobs that the query names, each as {@code job=ID}. */
    List<JobSnapshot> compared(RoutingContext context) {
        List<String> ids = context.queryParam("job");
        if (ids.size() < 2 || ids.size() > MOST_COMPARED) {
            throw Problem.badRequest("name 2 to " + MOST_COMPARED + " jobs: ?job=ID&job=ID");
        }
        return ids.stream().map(this::job).toList();
    }

    void requireView() {
        if (!view.isCaughtUp()) {
            throw Problem.unavailable("the coordinator is starting", NOT_READY_SECONDS);
        }
    }

    private static JobId id(String text) {
        try {
            return new JobId(text);
        } catch (IllegalArgumentException e) {
            throw Problem.notFound(e.getMessage());
        }
    }

    private static String join(Set<State> states) {
        List<String> names = new ArrayList<>();
        states.forEach(state -> names.add(state.name()));
        return String.join(" or ", names);
    }

    private static void answer(RoutingContext context, Future<?> future) {
        future.onFailure(context::fail);
    }
}
