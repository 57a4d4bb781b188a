package io.espalier.pruning.recovery.data;

/** The prompt of alpaca-lora ({@code templates/alpaca.json}), letter by letter. */
final class AlpacaPrompt {
    private static final String WITH_INPUT = """
            Below is an instruction that describes a task, paired with an input that provides further context. \
            Write a response that appropriately completes the request.

            ### Instruction:
            %s

            ### Input:
            %s

            ### Response:
            """;
    private static final String WITHOUT_INPUT = """
            Below is an instruction that describes a task. \
            Write a response that appropriately completes the request.

            ### Instruction:
            %s

            ### Response:
            """;

    private AlpacaPrompt() {}

    /** Everything up to the response; {@code input} may be empty. */
    static String of(String instruction, String input) {
        return input.isEmpty() ? WITHOUT_INPUT.formatted(instruction) : WITH_INPUT.formatted(instruction, input);
    }
}
