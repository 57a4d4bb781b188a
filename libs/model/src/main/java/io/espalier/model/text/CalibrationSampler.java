package io.espalier.model.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Draws calibration sequences as LLM-Pruner does: random documents with enough tokens, none twice, a random crop of each.
 * Paragraphs of plain text that are too short go on into the next ones. The same seed draws the same sequences.
 */
public final class CalibrationSampler {
    private final Tokenizer tokenizer;
    private final TextSource source;

    public CalibrationSampler(Tokenizer tokenizer, TextSource source) {
        this.tokenizer = tokenizer;
        this.source = source;
    }

    /**
     * @return [samples][length]
     * @throws InvalidTextException where the text does not hold so many
     */
    public int[][] draw(int samples, int length, long seed) {
        Random random = new Random(seed);
        List<Integer> order = IntStream.range(0, source.documents().size()).boxed()
                .collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(order, random);
        var used = new BitSet();
        var drawn = new ArrayList<int[]>();
        for (int i = 0; i < order.size() && drawn.size() < samples; i++) {
            int[] tokens = take(order.get(i), length, used);
            if (tokens.length >= length) {
                int from = random.nextInt(tokens.length - length + 1);
                drawn.add(Arrays.copyOfRange(tokens, from, from + length));
            }
        }
        if (drawn.size() < samples) {
            throw new InvalidTextException("calibration.text holds only " + drawn.size() + " distinct sequences of "
                    + length + " tokens, " + samples
                    + " are asked for: give more text, or lower calibration.samples or calibration.length");
        }
        return drawn.toArray(int[][]::new);
    }

    /** Tokens of a document and, where allowed, of those behind it until there are enough; marks them when there are. */
    private int[] take(int first, int length, BitSet used) {
        if (used.get(first)) {
            return new int[0];
        }
        var text = new StringBuilder(source.documents().get(first));
        int end = first + 1;
        int[] tokens = tokenizer.encode(text.toString());
        while (tokens.length < length && source.separator() != null && end < source.documents().size()
                && !used.get(end)) {
            text.append(source.separator()).append(source.documents().get(end++));
            tokens = tokenizer.encode(text.toString());
        }
        if (tokens.length >= length) {
            used.set(first, end);
        }
        return tokens;
    }
}
