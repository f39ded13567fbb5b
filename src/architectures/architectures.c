/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    A preset is a row of a table: its kind, its options, and a function that writes the setting in
    the language of case files. What it writes is parsed as a user's text would be, so that nothing
    later can tell the two apart. A new preset is one function and one row.
*/

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <caustic/architectures.h>
#include "words.h"

#define PRESET_OPTIONS 4

/* Settings hold dense matrices: 2000 parameters take 16 MB a matrix. */
#define PRESET_PARAMETERS 2000

typedef struct
{
    const char * key;
    slong least;
    slong most;
    slong otherwise; /* the value where the key is left out; 0: it must be given */
}
option_rule;

/* A setting that is being written. */
typedef struct
{
    caustic_setting_struct * setting;
    caustic_pool * pool;
    caustic_error_struct * error;
    const caustic_origin * origin;
    caustic_name * parameter_names;
    caustic_name * coordinate_names;
    caustic_scope in_parameters;
    caustic_scope in_coordinates;
    caustic_text_t text;
    caustic_result result; /* the first failure */
}
preset_writer;

typedef struct
{
    const char * kind;
    const char * architecture;
    void (* write)(preset_writer * writer, const slong * option); /* NULL: not available yet */
    option_rule option[PRESET_OPTIONS];
}
preset_row;

/* Writing ************************************************************************************/

static void
begin(preset_writer * writer, slong parameters, slong generators, slong elements, slong coordinates)
{
    caustic_setting_allocate(writer->setting, parameters, generators, elements, coordinates);
    writer->parameter_names = flint_calloc((size_t) parameters, sizeof(caustic_name));
    writer->coordinate_names = flint_calloc((size_t) coordinates, sizeof(caustic_name));
    writer->in_parameters.names = writer->parameter_names;
    writer->in_parameters.length = parameters;
    writer->in_coordinates.names = writer->coordinate_names;
    writer->in_coordinates.length = coordinates;
}

/* Parses what was written into one entry of the setting. */
static void
put(caustic_expr * entry, preset_writer * writer, const caustic_scope * scope, const char * format, ...)
{
    char short_text[128];
    const char * text = writer->text->data;

    if (writer->result != CAUSTIC_OK)
    {
        return;
    }
    if (format != NULL)
    {
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(short_text, sizeof(short_text), format, arguments);
        va_end(arguments);
        text = short_text;
    }
    writer->result = caustic_parse(entry, writer->pool, text, scope, writer->origin, writer->error);
}

/* A variable on (0, inf). */
static void
declare_positive(preset_writer * writer, caustic_expr * entry, caustic_interval_struct * domain,
    caustic_name * name, const char * text)
{
    *entry = caustic_symbol(writer->pool, text);
    caustic_symbol_assume_positive(writer->pool, *entry);
    fmpq_zero(domain->lower);
    domain->lower_infinite = 0;
    domain->lower_closed = 0;
    domain->upper_infinite = 1;
    domain->upper_closed = 0;
    name->name = caustic_expr_name(writer->pool, *entry);
    name->value = *entry;
}

static void
declare_parameter(preset_writer * writer, slong i, const char * text)
{
    declare_positive(writer, writer->setting->parameter + i, writer->setting->parameter_domain + i,
        writer->parameter_names + i, text);
}

static void
declare_coordinate(preset_writer * writer, slong i, const char * text)
{
    declare_positive(writer, writer->setting->coordinate + i, writer->setting->coordinate_domain + i,
        writer->coordinate_names + i, text);
}

static void
fill_zeros(caustic_expr * entries, slong length, caustic_expr zero)
{
    slong i;

    for (i = 0; i < length; i++)
    {
        if (entries[i] == CAUSTIC_NONE)
        {
            entries[i] = zero;
        }
    }
}

/* What was not written is zero. */
static void
finish(preset_writer * writer)
{
    caustic_setting_struct * setting = writer->setting;
    slong n = setting->parameters;
    caustic_expr zero = caustic_integer(writer->pool, 0);

    fill_zeros(setting->inverse_metric, n * n, zero);
    fill_zeros(setting->generator, setting->generators * n, zero);
    fill_zeros(setting->element, setting->elements * n, zero);
}

/* Presets ************************************************************************************/

/* Depth D: weights w1..wD > 0 of one path; each hidden unit may be rescaled, w_i by 1/c and
   w_(i+1) by c. The inverse metric diag(w_i^2) is the one that every rescaling preserves. */
static void
write_relu_chain(preset_writer * writer, const slong * option)
{
    caustic_setting_struct * setting = writer->setting;
    slong depth = option[0];
    char name[32];
    slong i;

    begin(writer, depth, depth - 1, 0, 1);
    for (i = 0; i < depth; i++)
    {
        snprintf(name, sizeof(name), "w" WORD_FMT "d", i + 1);
        declare_parameter(writer, i, name);
    }
    declare_coordinate(writer, 0, "z");

    for (i = 0; i < depth; i++)
    {
        put(setting->inverse_metric + i * depth + i, writer, &writer->in_parameters, "w" WORD_FMT "d^2", i + 1);
        put(setting->section + i, writer, &writer->in_coordinates, i < depth - 1 ? "1" : "z");
        caustic_text_printf(writer->text, "%sw" WORD_FMT "d", i == 0 ? "" : "*", i + 1);
    }
    for (i = 0; i < depth - 1; i++)
    {
        put(setting->generator + i * depth + i, writer, &writer->in_parameters, "-w" WORD_FMT "d", i + 1);
        put(setting->generator + i * depth + i + 1, writer, &writer->in_parameters, "w" WORD_FMT "d", i + 2);
    }
    put(setting->invariant, writer, &writer->in_parameters, NULL);
}

/* One neuron a*relu(w*x) with one input on its positive chamber. */
static void
write_relu_neuron(preset_writer * writer, const slong * option)
{
    caustic_setting_struct * setting = writer->setting;

    (void) option;
    begin(writer, 2, 1, 0, 1);
    declare_parameter(writer, 0, "a");
    declare_parameter(writer, 1, "w");
    declare_coordinate(writer, 0, "z");
    put(setting->inverse_metric + 0, writer, &writer->in_parameters, "a^2");
    put(setting->inverse_metric + 3, writer, &writer->in_parameters, "w^2");
    put(setting->generator + 0, writer, &writer->in_parameters, "-a");
    put(setting->generator + 1, writer, &writer->in_parameters, "w");
    put(setting->invariant, writer, &writer->in_parameters, "a*w");
    put(setting->section + 0, writer, &writer->in_coordinates, "1");
    put(setting->section + 1, writer, &writer->in_coordinates, "z");
}

/* The table **********************************************************************************/

static const preset_row presets[] =
{
    {"relu-chain", "mlp", write_relu_chain, {{"depth", 2, PRESET_PARAMETERS, 0}, {NULL, 0, 0, 0}}},
    {"relu-neuron", "mlp", write_relu_neuron, {{"inputs", 1, 1, 0}, {"outputs", 1, 1, 1}, {NULL, 0, 0, 0}}},
    {"relu-layer", "mlp", NULL, {{NULL, 0, 0, 0}}},
    {"relu-network", "mlp", NULL, {{NULL, 0, 0, 0}}},
    {"tanh-layer", "mlp", NULL, {{NULL, 0, 0, 0}}},
    {"linear-network", "mlp", NULL, {{NULL, 0, 0, 0}}},
    {"conv-relu", "cnn", NULL, {{NULL, 0, 0, 0}}},
    {"batchnorm", "mlp", NULL, {{NULL, 0, 0, 0}}},
    {"layernorm", "transformer", NULL, {{NULL, 0, 0, 0}}},
    {"attention", "transformer", NULL, {{NULL, 0, 0, 0}}},
    {"softmax-bias", "mlp", NULL, {{NULL, 0, 0, 0}}},
    {"particles", "meanfield", NULL, {{NULL, 0, 0, 0}}}
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
    slong i;

    for (i = 0; i < PRESETS; i++)
    {
        if (strcmp(kind, presets[i].kind) == 0)
        {
            return presets + i;
        }
    }
    return NULL;
}

const char *
caustic_preset_architecture(const char * kind)
{
    const preset_row * row = find_preset(kind);

    return row == NULL ? NULL : row->architecture;
}

/* "relu-chain, relu-neuron" */
static void
append_available(caustic_text_t out)
{
    slong i;
    int first = 1;

    for (i = 0; i < PRESETS; i++)
    {
        if (presets[i].write != NULL)
        {
            caustic_text_printf(out, "%s%s", first ? "" : ", ", presets[i].kind);
            first = 0;
        }
    }
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
    const preset_row * row = find_preset(kind);
    slong closest = caustic_word_closest(kind, preset_kinds, PRESETS);
    caustic_text_t message;
    caustic_result result = CAUSTIC_OK;

    caustic_text_init(message);
    if (row == NULL)
    {
        caustic_text_append(message, "unknown preset");
        if (closest >= 0)
        {
            caustic_text_printf(message, "; did you mean '%s'?", preset_kinds[closest]);
        }
        caustic_text_append(message, closest >= 0 ? " Available: " : "; available: ");
        append_available(message);
    }
    else if (row->write == NULL)
    {
        caustic_text_printf(message, "the preset '%s' is not available yet; available: ", kind);
        append_available(message);
        caustic_text_append(message, "; any other action can be written out with parameters, metric, action, quotient and section");
    }
    if (message->length > 0)
    {
        result = fail_at(error, origin, origin == NULL ? 0 : origin->line, origin == NULL ? 0 : origin->column,
            message->data);
    }
    caustic_text_clear(message);
    return result;
}

/* Options ************************************************************************************/

static slong
rules_length(const preset_row * row)
{
    slong length = 0;

    while (length < PRESET_OPTIONS && row->option[length].key != NULL)
    {
        length++;
    }
    return length;
}

static slong
find_rule(const preset_row * row, const char * key)
{
    slong i;

    for (i = 0; i < rules_length(row); i++)
    {
        if (strcmp(key, row->option[i].key) == 0)
        {
            return i;
        }
    }
    return -1;
}

static void
append_rules(caustic_text_t out, const preset_row * row)
{
    slong i;

    for (i = 0; i < rules_length(row); i++)
    {
        caustic_text_printf(out, "%s%s", i == 0 ? "kind, " : ", ", row->option[i].key);
    }
}

static void
explain_range(caustic_text_t out, const preset_row * row, const option_rule * rule,
    const caustic_preset_option * option)
{
    if (rule->least == rule->most)
    {
        caustic_text_printf(out, "the preset '%s' is available with %s: " WORD_FMT "d only, today", row->kind,
            rule->key, rule->least);
    }
    else
    {
        caustic_text_printf(out, "%s of the preset '%s' must be an integer from " WORD_FMT "d to " WORD_FMT "d",
            rule->key, row->kind, rule->least, rule->most);
    }
    if (option->word == NULL)
    {
        caustic_text_printf(out, "; found " WORD_FMT "d", option->integer);
    }
    else
    {
        caustic_text_append(out, "; found a word");
    }
}

static caustic_result
read_options(slong * value, const preset_row * row, const caustic_preset_option * options, slong length,
    const caustic_origin * origin, caustic_error_t error)
{
    caustic_text_t message;
    slong line = origin == NULL ? 0 : origin->line;
    slong column = origin == NULL ? 0 : origin->column;
    slong i, j;
    int given[PRESET_OPTIONS] = {0};
    caustic_result result = CAUSTIC_OK;

    caustic_text_init(message);
    for (i = 0; i < length && message->length == 0; i++)
    {
        j = find_rule(row, options[i].key);
        if (j < 0)
        {
            caustic_text_printf(message, "the preset '%s' has no such key; its keys are: ", row->kind);
            append_rules(message, row);
        }
        else if (given[j])
        {
            caustic_text_printf(message, "%s is given twice", row->option[j].key);
        }
        else if (options[i].word != NULL || options[i].integer < row->option[j].least
            || options[i].integer > row->option[j].most)
        {
            explain_range(message, row, row->option + j, options + i);
        }
        else
        {
            given[j] = 1;
            value[j] = options[i].integer;
        }
        if (message->length > 0)
        {
            line = options[i].line;
            column = options[i].column;
        }
    }
    for (j = 0; j < rules_length(row) && message->length == 0; j++)
    {
        if (!given[j] && row->option[j].otherwise == 0)
        {
            caustic_text_printf(message, "the preset '%s' needs the key %s", row->kind, row->option[j].key);
        }
        else if (!given[j])
        {
            value[j] = row->option[j].otherwise;
        }
    }
    if (message->length > 0)
    {
        result = fail_at(error, origin, line, column, message->data);
    }
    caustic_text_clear(message);
    return result;
}

caustic_result
caustic_preset_expand(caustic_setting_t setting, caustic_pool * pool, const char * kind,
    const caustic_preset_option * options, slong length, const caustic_origin * origin, caustic_error_t error)
{
    const preset_row * row = find_preset(kind);
    slong value[PRESET_OPTIONS] = {0};
    preset_writer writer;
    caustic_result result = caustic_preset_check(kind, origin, error);

    if (result == CAUSTIC_OK)
    {
        result = read_options(value, row, options, length, origin, error);
    }
    if (result != CAUSTIC_OK)
    {
        return result;
    }

    memset(&writer, 0, sizeof(writer));
    writer.setting = setting;
    writer.pool = pool;
    writer.error = error;
    writer.origin = origin;
    writer.result = CAUSTIC_OK;
    caustic_text_init(writer.text);
    row->write(&writer, value);
    finish(&writer);
    flint_free(writer.parameter_names);
    flint_free(writer.coordinate_names);
    caustic_text_clear(writer.text);
    return writer.result;
}
