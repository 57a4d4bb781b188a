package io.espalier.cli.render;

import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.StageState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Jobs as lines for a terminal: one job with a bar per stage, several with a bar per job. */
public final class JobsProgress {
    /** More would scroll away what is drawn over. */
    private static final int MOST = 20;
    private static final int NAME = 24;
    private static final int BAR = 20;

    private final Screen screen;
    private final JobProgress single;
    private final Map<String, JobSnapshot> jobs = new LinkedHashMap<>();

    /** @param ids in the order in which they are shown */
    public JobsProgress(Screen screen, List<String> ids) {
        this.screen = screen;
        this.single = new JobProgress(screen);
        ids.forEach(id -> jobs.put(id, null));
    }

    public void show(JobSnapshot job) {
        jobs.put(job.id().value(), job);
        if (screen.isLive()) {
            screen.draw(lines());
        }
    }

    List<String> lines() {
        List<JobSnapshot> known = jobs.values().stream().filter(job -> job != null).toList();
        if (jobs.size() == 1) {
            return single.lines(known.getFirst());
        }
        List<JobSnapshot> unfinished = known.stream().filter(job -> !job.state().ended()).toList();
        List<JobSnapshot> ended = known.stream().filter(job -> job.state().ended()).toList();
        List<JobSnapshot> shown = known.size() <= MOST
                ? known
                : Stream.concat(unfinished.stream(), ended.stream()).limit(MOST).toList();
        List<String> lines = new ArrayList<>();
        shown.forEach(job -> lines.add(line(job)));
        lines.add(single.cut(ended.size() + " of " + jobs.size() + " jobs have ended" + (shown.size() < known.size()
                ? ", " + (known.size() - shown.size()) + " are not shown"
                : "")));
        return lines;
    }

    private String line(JobSnapshot job) {
        String name = job.name() == null ? job.id().value() : job.name();
        String text = String.format("%3d %%  %s", Math.round(job.progress() * 100), doing(job));
        int label = Math.min(NAME, screen.columns() / 3);
        int width = Math.clamp(screen.columns() - label - text.length() - 4L, 5, BAR);
        String bar = screen.colour(JobProgress.colour(job.state()), JobProgress.bar(job.progress(), width));
        return String.format("%-" + label + "s ", JobProgress.cut(name, label)) + bar + " " + JobProgress.cut(text,
                screen.columns() - label - width - 3);
    }

    /** {@code recover  about 20 s left}, or how it ended. */
    private static String doing(JobSnapshot job) {
        if (job.state() != JobSnapshot.State.RUNNING) {
            return job.state().name().toLowerCase(Locale.ROOT);
        }
        String stage = job.stages().stream().filter(s -> s.state() == StageState.RUNNING).findFirst()
                .map(s -> s.stage().name().toLowerCase(Locale.ROOT)).orElse("starts");
        String left = Left.of(job.estimate());
        return left.isEmpty() ? stage : stage + "  " + left;
    }
}
