package io.espalier.coordinator.estimate;

import io.espalier.protocol.message.WorkerKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;

/**
 * The queue in thought: workers take tasks first come, first served, and a stage never has more of them than tasks. Work
 * flows evenly, which is near enough where stages have many tasks or workers are few.
 */
final class Schedule {
    private static final double NOTHING = 1e-9;

    /** @param width most workers that can be at it at once */
    record Step(WorkerKind kind, double busySeconds, int width) {}

    /** A step under way and what the job has to do after it. */
    private static final class Place {
        private final int job;
        private final List<Step> steps;
        private int next;
        private double left;
        private double workers;

        Place(int job, List<Step> steps) {
            this.job = job;
            this.steps = steps;
            this.left = steps.getFirst().busySeconds();
        }

        Step step() {
            return steps.get(next);
        }

        double finishes() {
            return workers == 0 ? Double.POSITIVE_INFINITY : left / workers;
        }

        boolean moveOn() {
            next++;
            if (next == steps.size()) {
                return false;
            }
            left = steps.get(next).busySeconds();
            return true;
        }
    }

    private final Map<WorkerKind, Integer> workers;
    private final Map<WorkerKind, LinkedList<Place>> queues = new EnumMap<>(WorkerKind.class);

    private Schedule(Map<WorkerKind, Integer> workers) {
        this.workers = workers;
        for (WorkerKind kind : WorkerKind.values()) {
            queues.put(kind, new LinkedList<>());
        }
    }

    /**
     * @param jobs    steps of each job, in the order in which they wait
     * @param workers of each kind, at least one
     * @return seconds until each job is through
     */
    static double[] run(List<List<Step>> jobs, Map<WorkerKind, Integer> workers) {
        return new Schedule(workers).run(jobs);
    }

    private double[] run(List<List<Step>> jobs) {
        double[] ends = new double[jobs.size()];
        for (int job = 0; job < jobs.size(); job++) {
            if (!jobs.get(job).isEmpty()) {
                queues.get(jobs.get(job).getFirst().kind()).add(new Place(job, jobs.get(job)));
            }
        }
        double now = 0;
        for (List<Place> working = assign(); !working.isEmpty(); working = assign()) {
            double step = working.stream().mapToDouble(Place::finishes).min().orElseThrow();
            now += step;
            for (Place place : working) {
                place.left -= step * place.workers;
                if (place.left <= NOTHING * Math.max(1, now)) {
                    leave(place, now, ends);
                }
            }
        }
        return ends;
    }

    private void leave(Place place, double now, double[] ends) {
        queues.get(place.step().kind()).remove(place);
        if (place.moveOn()) {
            queues.get(place.step().kind()).addLast(place);
        } else {
            ends[place.job] = now;
        }
    }

    /** Those in front get as many workers as they have tasks. */
    private List<Place> assign() {
        List<Place> working = new ArrayList<>();
        queues.forEach((kind, queue) -> {
            int free = workers.getOrDefault(kind, 1);
            for (Place place : queue) {
                if (free == 0) {
                    break;
                }
                place.workers = Math.min(free, Math.max(1, place.step().width()));
                free -= (int) place.workers;
                working.add(place);
            }
        });
        return working;
    }
}
