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
        int longest = shown.stream().mapToInt(job -> text(job).length()).max().orElse(0);
        int label = Math.min(NAME, screen.columns() / 3);
        int bar = Math.clamp(screen.columns() - label - longest - 4L, 5, BAR); // one width, or nothing could be compared
        shown.forEach(job -> lines.add(line(job, label, bar)));
        lines.add(single.cut(ended.size() + " of " + jobs.size() + " jobs have ended" + (shown.size() < known.size()
                ? ", " + (known.size() - shown.size()) + " are not shown"
                : "")));
        return lines;
    }

    private String line(JobSnapshot job, int label, int width) {
        String name = job.name() == null ? job.id().value() : job.name();
        String bar = screen.colour(JobProgress.colour(job.state()), JobProgress.bar(job.progress(), width));
        return String.format("%-" + label + "s ", shortened(name, label)) + bar + " "
                + JobProgress.cut(text(job), screen
                        .columns() - label - width - 3);
    }

    /** Jobs of a sweep differ at the end of their names. */
    static String shortened(String name, int width) {
        if (name.length() <= width) {
            return name;
        }
        int head = (width - 1) / 2;
        return name.substring(0, head) + "…" + name.substring(name.length() - (width - 1 - head));
    }

    private static String text(JobSnapshot job) {
        return String.format("%3d %%  %s", Math.round(job.progress() * 100), doing(job));
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
