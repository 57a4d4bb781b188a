package io.espalier.cli.render;

import io.espalier.cli.server.DeadLetter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** Dead letters as a table. */
public final class DeadLetterView {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss")
            .withZone(ZoneId.systemDefault());

    private DeadLetterView() {}

    /** @param stacks whether stack traces follow the table */
    public static String list(List<DeadLetter> letters, boolean stacks) {
        if (letters.isEmpty()) {
            return "no dead letters\n";
        }
        TextTable table = TextTable.ofWords(List.of("NUMBER", "AT", "FROM", "KEY", "REASON"));
        StringBuilder traces = new StringBuilder();
        for (DeadLetter letter : letters) {
            table.row(List.of(Long.toString(letter.number()), TIME.format(letter.at()), letter.topic() + "-" + letter
                    .partition() + "@" + letter.offset(), letter.key() == null ? "" : letter.key(), firstLine(
                            letter
                                    .reason())));
            if (stacks && !letter.stack().isEmpty()) {
                traces.append('\n').append(letter.number()).append(": ").append(letter.stack().stripTrailing()).append(
                        '\n');
            }
        }
        return table + traces.toString();
    }

    private static String firstLine(String reason) {
        return reason.lines().findFirst().orElse("");
    }
}
