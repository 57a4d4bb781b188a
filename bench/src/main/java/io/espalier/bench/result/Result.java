package io.espalier.bench.result;

import java.util.ArrayList;
import java.util.List;

/**
 * What one benchmark found.
 *
 * @param figures in the order in which they are shown
 * @param series  for plots, may be empty
 * @param notes   lines that belong beside the figures: what was left out and why
 */
public record Result(List<Figure> figures, List<Series> series, List<String> notes) {
    public Result {
        figures = List.copyOf(figures);
        series = List.copyOf(series);
        notes = List.copyOf(notes);
    }

    /** Collects a result piece by piece. */
    public static final class Builder {
        private final List<Figure> figures = new ArrayList<>();
        private final List<Series> series = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        public Builder add(Figure figure) {
            figures.add(figure);
            return this;
        }

        public Builder add(Series line) {
            series.add(line);
            return this;
        }

        public Builder note(String line) {
            notes.add(line);
            return this;
        }

        public Result build() {
            return new Result(figures, series, notes);
        }
    }
}
