/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    A preset is a row of a table: its kind, its options, and a function that writes the setting as a user
    would have written it out in a case file, so that nothing later can tell the two apart. A new preset is
    one function and one row.
*/

#include <string.h>
#include "preset.h"
#include "words.h"

/* The table **********************************************************************************/

typedef enum
{
    OPTION_INTEGER,
    OPTION_WORD,    /* one of `words` */
    OPTION_BOOLEAN,
    OPTION_LIST     /* of PRESET_WIDTHS_LEAST to PRESET_LAYERS + 1 integers */
}
option_kind;

#define REQUIRED (-1)
#define PRESET_WIDTHS_LEAST 3 /* one hidden layer */

typedef struct
{
    const char * key;
    option_kind kind;
    slong least;
    slong most;
    slong otherwise; /* the value where the key is left out; of words the index */
    const char * const * words;
}
option_rule;

typedef struct
{
    const char * kind;
    const char * architecture;
    void (* write)(preset_writer * writer);
    option_rule option[PRESET_OPTIONS];
}
preset_row;

static const char * const sphere_charts[] = {"stereographic", "gnomonic", NULL};
static const char * const head_products[] = {"qk", "vo", NULL};
static const char * const particle_charts[] = {"covering", "power-sums", NULL};

#define INTEGER(key, least, most, otherwise) {key, OPTION_INTEGER, least, most, otherwise, NULL}
#define WORDS(key, words) {key, OPTION_WORD, 0, 0, 0, words}
#define SIZE(key) INTEGER(key, 1, PRESET_NUMBER, REQUIRED)
#define WIDTHS {"widths", OPTION_LIST, 1, PRESET_NUMBER, REQUIRED, NULL}

static const preset_row presets[] =
{
    {"relu-chain", "mlp", write_relu_chain, {INTEGER("depth", 2, PRESET_PARAMETERS, REQUIRED)}},
    {"relu-neuron", "mlp", write_relu_neuron, {SIZE("inputs"), INTEGER("outputs", 1, PRESET_NUMBER, 1)}},
    {"relu-layer", "mlp", write_relu_layer, {SIZE("inputs"), INTEGER("hidden", 1, PRESET_COPIES, REQUIRED)}},
    {"relu-network", "mlp", write_relu_network, {WIDTHS}},
    {"tanh-layer", "mlp", write_tanh_layer,
        {INTEGER("inputs", 1, PRESET_PARAMETERS - 1, REQUIRED), INTEGER("hidden", 1, PRESET_COPIES, REQUIRED)}},
    {"linear-network", "mlp", write_linear_network, {WIDTHS}},
    {"conv-relu", "cnn", write_conv_relu,
        {SIZE("kernel"), INTEGER("channels", 1, PRESET_COPIES, REQUIRED), INTEGER("inputs", 1, PRESET_NUMBER, 1)}},
    {"batchnorm", "mlp", write_batchnorm, {INTEGER("fan_in", 2, PRESET_NUMBER, REQUIRED), WORDS("chart", sphere_charts)}},
    {"layernorm", "transformer", write_layernorm, {SIZE("units"), SIZE("fan_in")}},
    {"attention", "transformer", write_attention, {SIZE("model"), SIZE("head"), WORDS("product", head_products),
        INTEGER("heads", 1, PRESET_COPIES, 1), {"rotary", OPTION_BOOLEAN, 0, 0, 0, NULL}}},
    {"softmax-bias", "mlp", write_softmax_bias, {INTEGER("classes", 2, PRESET_PARAMETERS, REQUIRED)}},
    {"particles", "meanfield", write_particles,
        {INTEGER("count", 1, PRESET_COPIES, REQUIRED), SIZE("dimension"), WORDS("chart", particle_charts)}}
};

#define PRESETS ((slong) (sizeof(presets) / sizeof(presets[0])))

static const char * const preset_kinds[] =
{
    "relu-chain", "relu-neuron", "relu-layer", "relu-network", "tanh-layer", "linear-network", "conv-relu",
    "batchnorm", "layernorm", "attention", "softmax-bias", "particles", NULL
};

const char * const *
caustic_preset_kinds(void)
{
    return preset_kinds;
}

static const preset_row *
find_preset(const char * kind)
{
    for (slong i = 0; i < PRESETS; i++)
        if (strcmp(kind, presets[i].kind) == 0)
            return presets + i;

    return NULL;
}

const char *
caustic_preset_architecture(const char * kind)
{
    const preset_row * row = find_preset(kind);

    return row == NULL ? NULL : row->architecture;
}

/* Sets an error at a position with the origin's file. */
static caustic_result
fail_at(caustic_error_t error, const caustic_origin * origin, slong line, slong column, const char * message)
{
    return caustic_error_set(error, CAUSTIC_BAD_INPUT, origin == NULL ? NULL : origin->file, line, column, "%s",
        message);
}

caustic_result
caustic_preset_check(const char * kind, const caustic_origin * origin, caustic_error_t error)
{
    slong closest = caustic_word_closest(kind, preset_kinds, PRESETS);
    caustic_text_t message;
    caustic_result result;

    if (find_preset(kind) != NULL)
        return CAUSTIC_OK;

    caustic_text_init(message);
    caustic_text_append(message, "unknown preset");
    if (closest >= 0)
        caustic_text_printf(message, "; did you mean '%s'?", preset_kinds[closest]);
    caustic_text_append(message, closest >= 0 ? " Available: " : "; available: ");
    for (slong i = 0; i < PRESETS; i++)
        caustic_text_printf(message, "%s%s", i > 0 ? ", " : "", presets[i].kind);
    caustic_text_append(message, "; any other action can be written out with parameters, metric, action, quotient and section");
    result = fail_at(error, origin, origin == NULL ? 0 : origin->line, origin == NULL ? 0 : origin->column, message->data);
    caustic_text_clear(message);
    return result;
}

/* Options ************************************************************************************/

static slong
rules_length(const preset_row * row)
{
    slong length = 0;

    while (length < PRESET_OPTIONS && row->option[length].key != NULL)
        length++;

    return length;
}

static slong
find_rule(const preset_row * row, const char * key)
{
    for (slong i = 0; i < rules_length(row); i++)
        if (strcmp(key, row->option[i].key) == 0)
            return i;

    return -1;
}

static void
append_rules(caustic_text_t out, const preset_row * row)
{
    caustic_text_append(out, "kind");
    for (slong i = 0; i < rules_length(row); i++)
        caustic_text_printf(out, ", %s", row->option[i].key);
}

static slong
words_length(const char * const * words)
{
    slong length = 0;

    while (words[length] != NULL)
        length++;

    return length;
}

/* "; found 3", where an integer, a word or a list stands instead of what was expected. */
static void
append_found(caustic_text_t out, const caustic_preset_option * option)
{
    if (option->list != NULL)
        caustic_text_printf(out, "; found a list of " WORD_FMT "d", option->length);
    else if (option->word != NULL)
        caustic_text_append(out, "; found a word");
    else
        caustic_text_printf(out, "; found " WORD_FMT "d", option->integer);
}

static int
read_integer(preset_value * value, caustic_text_t message, const preset_row * row, const option_rule * rule,
    const caustic_preset_option * option)
{
    if (option->word == NULL && option->list == NULL && option->integer >= rule->least && option->integer <= rule->most)
    {
        value->integer = option->integer;
        return 1;
    }
    caustic_text_printf(message, "%s of the preset '%s' must be an integer from " WORD_FMT "d to " WORD_FMT "d",
        rule->key, row->kind, rule->least, rule->most);
    append_found(message, option);
    return 0;
}

static int
read_word(preset_value * value, caustic_text_t message, const preset_row * row, const option_rule * rule,
    const caustic_preset_option * option)
{
    slong closest = option->word == NULL ? -1 : caustic_word_closest(option->word, rule->words, words_length(rule->words));

    for (slong i = 0; option->word != NULL && rule->words[i] != NULL; i++)
        if (strcmp(option->word, rule->words[i]) == 0)
        {
            value->integer = i;
            return 1;
        }

    caustic_text_printf(message, "%s of the preset '%s' must be", rule->key, row->kind);
    for (slong i = 0; rule->words[i] != NULL; i++)
        caustic_text_printf(message, "%s %s", i > 0 ? " or" : "", rule->words[i]);
    if (closest >= 0)
        caustic_text_printf(message, "; did you mean '%s'?", rule->words[closest]);
    else
        append_found(message, option);
    return 0;
}

static int
read_boolean(preset_value * value, caustic_text_t message, const preset_row * row, const option_rule * rule,
    const caustic_preset_option * option)
{
    if (option->word != NULL && (strcmp(option->word, "true") == 0 || strcmp(option->word, "false") == 0))
    {
        value->integer = option->word[0] == 't';
        return 1;
    }
    caustic_text_printf(message, "%s of the preset '%s' must be true or false", rule->key, row->kind);
    append_found(message, option);
    return 0;
}

static int
read_list(preset_value * value, caustic_text_t message, const preset_row * row, const option_rule * rule,
    const caustic_preset_option * option)
{
    slong wrong = -1;

    for (slong i = 0; option->list != NULL && i < option->length && wrong < 0; i++)
        if (option->list[i] < rule->least || option->list[i] > rule->most)
            wrong = i;

    if (option->list != NULL && wrong < 0 && option->length >= PRESET_WIDTHS_LEAST && option->length <= PRESET_LAYERS + 1)
    {
        value->list = option->list;
        value->length = option->length;
        return 1;
    }
    caustic_text_printf(message, "%s of the preset '%s' must be a list of %d to %d integers from " WORD_FMT "d to " WORD_FMT "d"
        " such as [2, 3, 1]", rule->key, row->kind, PRESET_WIDTHS_LEAST, PRESET_LAYERS + 1, rule->least, rule->most);
    if (wrong >= 0)
        caustic_text_printf(message, "; found " WORD_FMT "d in it", option->list[wrong]);
    else
        append_found(message, option);
    return 0;
}

static int
read_value(preset_value * value, caustic_text_t message, const preset_row * row, const option_rule * rule,
    const caustic_preset_option * option)
{
    switch (rule->kind)
    {
        case OPTION_WORD:
            return read_word(value, message, row, rule, option);
        case OPTION_BOOLEAN:
            return read_boolean(value, message, row, rule, option);
        case OPTION_LIST:
            return read_list(value, message, row, rule, option);
        case OPTION_INTEGER:
            break;
    }
    return read_integer(value, message, row, rule, option);
}

/* The values of all keys, or the first that is wrong, with its position. */
static caustic_result
read_options(preset_value * value, const preset_row * row, const caustic_preset_option * options, slong length,
    const caustic_origin * origin, caustic_error_t error)
{
    caustic_text_t message;
    slong line = origin == NULL ? 0 : origin->line;
    slong column = origin == NULL ? 0 : origin->column;
    int given[PRESET_OPTIONS] = {0}, fine = 1;
    caustic_result result = CAUSTIC_OK;

    caustic_text_init(message);

    for (slong j = 0; j < rules_length(row); j++)
    {
        value[j].integer = row->option[j].otherwise;
        value[j].line = line;
        value[j].column = column;
    }
    for (slong i = 0; i < length && fine; i++)
    {
        slong j = find_rule(row, options[i].key);

        if (j < 0)
        {
            caustic_text_printf(message, "the preset '%s' has no such key; its keys are: ", row->kind);
            append_rules(message, row);
        }
        else if (given[j])
            caustic_text_printf(message, "%s is given twice", row->option[j].key);

        fine = j >= 0 && !given[j] && read_value(value + j, message, row, row->option + j, options + i);
        if (!fine)
        {
            line = options[i].line;
            column = options[i].column;
            break;
        }
        given[j] = 1;
        value[j].line = options[i].line;
        value[j].column = options[i].column;
    }
    for (slong j = 0; j < rules_length(row) && fine; j++)
    {
        fine = given[j] || row->option[j].otherwise != REQUIRED;
        if (!fine)
            caustic_text_printf(message, "the preset '%s' needs the key %s", row->kind, row->option[j].key);
    }
    if (!fine)
        result = fail_at(error, origin, line, column, message->data);
    caustic_text_clear(message);
    return result;
}

/* Writing ************************************************************************************/

/* Each parameter and coordinate has been declared, and the section given. */
static void
check_written(preset_writer * writer)
{
    const caustic_setting_struct * setting = writer->setting;
    int whole = writer->parameters == setting->parameters && writer->coordinates == setting->coordinates;

    for (slong a = 0; a < setting->parameters && whole; a++)
        whole = !setting->has_section || setting->section[a] != CAUSTIC_NONE;

    if (!whole && writer->result == CAUSTIC_OK)
        writer->result = caustic_error_set(writer->error, CAUSTIC_INTERNAL, NULL, 0, 0, "the preset '%s' is not complete",
            writer->kind);
}

caustic_result
caustic_preset_expand(caustic_setting_t setting, caustic_text_t words, caustic_pool * pool, const char * kind,
    const caustic_preset_option * options, slong length, const caustic_origin * origin, caustic_error_t error)
{
    const preset_row * row = find_preset(kind);
    preset_value value[PRESET_OPTIONS] = {{0, NULL, 0, 0, 0}};
    preset_writer writer = {0};
    caustic_result result = caustic_preset_check(kind, origin, error);

    if (result == CAUSTIC_OK)
        result = read_options(value, row, options, length, origin, error);
    if (result != CAUSTIC_OK)
        return result;

    writer.setting = setting;
    writer.pool = pool;
    writer.option = value;
    writer.kind = row->kind;
    writer.error = error;
    writer.origin = origin;
    writer.result = CAUSTIC_OK;
    caustic_text_init(writer.words);
    caustic_text_init(writer.name);
    row->write(&writer);
    check_written(&writer);

    if (words != NULL && writer.result == CAUSTIC_OK)
        caustic_text_append(words, writer.words->data);

    for (slong i = 0; i < writer.kept_length; i++)
        flint_free(writer.kept[i]);
    flint_free(writer.kept);
    caustic_text_clear(writer.words);
    caustic_text_clear(writer.name);
    return writer.result;
}
