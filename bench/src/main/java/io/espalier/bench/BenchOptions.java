package io.espalier.bench;

import io.espalier.cli.request.UsageException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a run was asked for.
 *
 * @param home     the repository root
 * @param quick    smallest sizes, for tests and for a first look: seconds, and figures that mean nothing
 * @param shape    name below {@code tools/random-models} or folder with a {@code config.json}; null for the benchmark's
 *                 own choice
 * @param threads  of the tensor engine and of Python; 0 means all cores
 * @param python   interpreter with torch; null to look for one, {@code none} for none
 * @param models   folder in which random models are kept; null means a temporary one
 * @param settings of single benchmarks
 */
public record BenchOptions(Path home, boolean quick, String shape, int threads, String python, Path models,
        Map<String, String> settings) {
    public BenchOptions {
        settings = Map.copyOf(settings);
    }

    /** The number of a setting: {@code quickly} with {@code --quick}, otherwise {@code normally}. */
    public int integer(String setting, int normally, int quickly) throws UsageException {
        String text = settings.get(setting);
        if (text == null) {
            return quick ? quickly : normally;
        }
        try {
            int value = Integer.parseInt(text);
            if (value > 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new UsageException("--set " + setting + "=" + text + ": must be a whole number, at least 1");
    }

    /** The share, above 0 and at most 1, of a setting; 1 if nothing is set. */
    public double share(String setting) throws UsageException {
        String text = settings.getOrDefault(setting, "1");
        try {
            double value = Double.parseDouble(text);
            if (value > 0 && value <= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new UsageException("--set " + setting + "=" + text + ": must be a number above 0, at most 1");
    }

    public String text(String setting, String otherwise) {
        return settings.getOrDefault(setting, otherwise);
    }

    /** The shape asked for, or the benchmark's own. */
    public String shapeOr(String normally) {
        return shape != null ? shape : quick ? "tiny" : normally;
    }

    public int threadsOrAll() {
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }
}
