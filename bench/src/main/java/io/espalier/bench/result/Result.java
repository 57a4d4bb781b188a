package io.espalier.bench.result;

import java.util.ArrayList;
import java.util.List;

/**
 * What one benchmark found.
 *
 * @param figures in the order in which they are shown
 * @param series  for plots, may be empty
 * @param notes   lines that belong beside the figures: what was left out and why
 * @param faults  what does not hold though it must, whatever the machine: with one, the run has failed
 */
public record Result(List<Figure> figures, List<Series> series, List<String> notes, List<String> faults) {
    public Result {
        figures = List.copyOf(figures);
        series = List.copyOf(series);
        notes = List.copyOf(notes);
        faults = List.copyOf(faults);
    }

    /** Collects a result piece by piece. */
    public static final class Builder {
        private final List<Figure> figures = new ArrayList<>();
        private final List<Series> series = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private final List<String> faults = new ArrayList<>();

        public Builder add(Figure figure) {
            figures.add(figure);
            return this;
        }

        public Builder add(Series line) {
            series.add(line);
            return this;
        }

        /** Said once, however often it is found. */
        public Builder note(String line) {
            if (!notes.contains(line)) {
                notes.add(line);
            }
            return this;
        }

        public Builder fault(String line) {
            faults.add(line);
            return this;
        }

        public Result build() {
            return new Result(figures, series, notes, faults);
        }
    }
}
