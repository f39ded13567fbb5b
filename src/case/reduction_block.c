/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The setting: from a preset, or written out. Where both stand in the file each written key must
    say exactly what the preset fills in, so that a reader of the file is never misled.
*/

#include <string.h>
#include <caustic/architectures.h>
#include "case_internal.h"

/* The parameters of a network of equal units that is written out. */
#define COPIES_WRITTEN_OUT 100

/* Constants **********************************************************************************/

/* The value that a constant was given from outside, or a symbol, instead of the one written; 0: none was. */
static int
constant_as(caustic_expr * e, loader_t loader, const char * name)
{
    caustic_pool * pool = loader->result->pool;
    slong i;

    for (i = 0; i < loader->as_length; i++)
    {
        const caustic_constant_as * as = loader->as + i;

        if (strcmp(as->name, name) != 0)
        {
            continue;
        }
        if (as->value != NULL)
        {
            *e = caustic_number(pool, as->value);
            return 1;
        }
        *e = caustic_symbol(pool, name);
        if (!as->range->lower_infinite && fmpq_sgn(as->range->lower) >= (as->range->lower_closed ? 1 : 0))
        {
            caustic_symbol_assume_positive(pool, *e);
        }
        return 1;
    }
    return 0;
}

static void
add_constant(loader_t loader, slong node, caustic_expr value)
{
    const char * name = caustic_loader_text(loader, node);
    caustic_expr as;

    caustic_loader_declare(loader, name, "a constant", NULL, loader->tree->nodes[node].line, loader->tree->nodes[node].column);
    caustic_names_add(&loader->constants, name, constant_as(&as, loader, name) ? as : value);
}

/* Every name for which a value was given is one of a constant. */
static caustic_result
check_constants_as(loader_t loader)
{
    slong i;

    for (i = 0; i < loader->as_length; i++)
    {
        const char * name = loader->as[i].name;

        if (caustic_names_find(&loader->constants, name, strlen(name)) < 0)
        {
            return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->file, 0, 0,
                "the case has no constant '%s'; its constants stand in constants and parameters_on",
                caustic_loader_quote(loader, name));
        }
    }
    return CAUSTIC_OK;
}

static caustic_result
read_parameter_on(caustic_parameter_on * parameter, loader_t loader, slong node)
{
    slong value[SCHEMA_KEYS];
    caustic_interval_struct * interval = parameter->interval;
    slong name, index;
    fmpq_t middle;

    TRY(caustic_loader_block(value, loader, node, BLOCK_PARAMETER_ON));
    TRY(caustic_loader_required(loader, node, BLOCK_PARAMETER_ON, value, PARAMETER_ON_NAME));
    TRY(caustic_loader_required(loader, node, BLOCK_PARAMETER_ON, value, PARAMETER_ON_INTERVAL));
    name = value[PARAMETER_ON_NAME];
    if (loader->tree->nodes[value[PARAMETER_ON_INTERVAL]].kind == TREE_SEQUENCE)
    {
        TRY(caustic_loader_pair(interval, loader, value[PARAMETER_ON_INTERVAL], 0, "the interval"));
        interval->lower_closed = interval->upper_closed = 1;
    }
    else
    {
        TRY(caustic_loader_interval(interval, loader, value[PARAMETER_ON_INTERVAL]));
    }
    if (interval->lower_infinite || interval->upper_infinite)
    {
        return FAIL(loader, value[PARAMETER_ON_INTERVAL], "the interval of a parameter is finite; expected for instance [\"1\", \"3\"] or \"(0, 1]\"");
    }
    TRY(caustic_loader_scalar(loader, name, "the name of a constant"));
    parameter->name = caustic_string_copy(caustic_loader_text(loader, name));
    if (caustic_names_find(&loader->constants, parameter->name, strlen(parameter->name)) < 0)
    {
        TRY(caustic_loader_name(loader, name, "a constant", 0));
        fmpq_init(middle);
        fmpq_add(middle, interval->lower, interval->upper);
        fmpq_div_2exp(middle, middle, 1);
        add_constant(loader, name, caustic_number(loader->result->pool, middle));
        fmpq_clear(middle);
    }
    index = caustic_names_find(&loader->constants, parameter->name, strlen(parameter->name));
    if (caustic_expr_op(loader->result->pool, loader->constants.names[index].value) == CAUSTIC_OP_SYMBOL)
    {
        parameter->symbol = loader->constants.names[index].value;
    }
    return CAUSTIC_OK;
}

#define PARAMETERS_ON_LIMIT 4

caustic_result
caustic_loader_parameters_on(loader_t loader)
{
    caustic_case_struct * result = loader->result;
    slong list = loader->top[CASE_PARAMETERS_ON];
    slong node, i;

    if (list < 0)
    {
        return check_constants_as(loader);
    }
    TRY(caustic_loader_sequence(loader, list, "a list of parameters {name, interval}"));
    if (loader->tree->nodes[list].children > PARAMETERS_ON_LIMIT || loader->tree->nodes[list].children == 0)
    {
        return FAIL(loader, list, "parameters_on takes 1 to %d parameters, found " WORD_FMT "d", PARAMETERS_ON_LIMIT,
            loader->tree->nodes[list].children);
    }
    result->parameter_on = flint_calloc((size_t) loader->tree->nodes[list].children, sizeof(caustic_parameter_on));
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        caustic_interval_init(result->parameter_on[result->parameters_on++].interval);
        TRY(read_parameter_on(result->parameter_on + result->parameters_on - 1, loader, node));
        for (i = 0; i < result->parameters_on - 1; i++)
        {
            if (strcmp(result->parameter_on[i].name, result->parameter_on[result->parameters_on - 1].name) == 0)
            {
                return FAIL(loader, node, "the parameter '%s' stands in parameters_on twice", caustic_loader_quote(loader, result->parameter_on[i].name));
            }
        }
    }
    return check_constants_as(loader);
}

caustic_result
caustic_loader_constants(loader_t loader)
{
    slong list = loader->top[CASE_CONSTANTS];
    slong node;

    if (list < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_sequence(loader, list, "a list of constants {name, value}"));
    if (loader->tree->nodes[list].children > CAUSTIC_PARAMETER_LIMIT)
    {
        return FAIL(loader, list, WORD_FMT "d constants are more than %d, the limit",
            loader->tree->nodes[list].children, CAUSTIC_PARAMETER_LIMIT);
    }
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        slong value[SCHEMA_KEYS];
        caustic_expr e;

        TRY(caustic_loader_block(value, loader, node, BLOCK_CONSTANT));
        TRY(caustic_loader_required(loader, node, BLOCK_CONSTANT, value, CONSTANT_NAME));
        TRY(caustic_loader_required(loader, node, BLOCK_CONSTANT, value, CONSTANT_VALUE));
        TRY(caustic_loader_name(loader, value[CONSTANT_NAME], "a constant", 0));
        TRY(caustic_loader_expression(&e, loader, value[CONSTANT_VALUE], &loader->constants, "the value of a constant"));
        add_constant(loader, value[CONSTANT_NAME], e);
    }
    return CAUSTIC_OK;
}

/* Presets ************************************************************************************/

/* Whether a text is an integer: a sign and digits. */
static int
is_integer(const char * text)
{
    size_t i = (text[0] == '-' || text[0] == '+') ? 1 : 0;

    if (text[i] == 0)
    {
        return 0;
    }
    while (text[i] >= '0' && text[i] <= '9')
    {
        i++;
    }
    return text[i] == 0;
}

/* An integer that fits a word. */
static caustic_result
preset_integer(slong * result, loader_t loader, slong node)
{
    const char * text = caustic_loader_text(loader, node);
    fmpz_t value;
    int fits;

    if (loader->tree->nodes[node].length > CAUSTIC_NUMBER_DIGITS)
    {
        return FAIL(loader, node, "a number of more than %d digits, the limit", CAUSTIC_NUMBER_DIGITS);
    }
    fmpz_init(value);
    fits = fmpz_set_str(value, text[0] == '+' ? text + 1 : text, 10) == 0 && fmpz_fits_si(value);
    *result = fits ? fmpz_get_si(value) : 0;
    fmpz_clear(value);
    return fits ? CAUSTIC_OK : FAIL(loader, node, "the integer %s is too large here", caustic_loader_quote(loader, text));
}

static caustic_result
preset_list(caustic_preset_option * option, loader_t loader, slong list)
{
    slong * entries = flint_malloc((size_t) FLINT_MAX(loader->tree->nodes[list].children, 1) * sizeof(slong));
    slong node;

    option->list = entries;
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        TRY(caustic_loader_scalar(loader, node, "an integer"));
        if (!is_integer(caustic_loader_text(loader, node)))
        {
            return FAIL(loader, node, "expected an integer in the list, found %s", caustic_loader_found(loader, node));
        }
        TRY(preset_integer(entries + option->length++, loader, node));
    }
    return CAUSTIC_OK;
}

static caustic_result
preset_option(caustic_preset_option * option, loader_t loader, slong key, slong node)
{
    option->key = caustic_loader_text(loader, key);
    option->line = loader->tree->nodes[key].line;
    option->column = loader->tree->nodes[key].column;
    if (loader->tree->nodes[node].kind == TREE_SEQUENCE)
    {
        TRY(preset_list(option, loader, node));
    }
    else
    {
        TRY(caustic_loader_scalar(loader, node, "an integer, a word or a list of integers"));
        if (!is_integer(caustic_loader_text(loader, node)))
        {
            option->word = caustic_loader_text(loader, node);
            return CAUSTIC_OK;
        }
        TRY(preset_integer(&option->integer, loader, node));
    }
    option->line = loader->tree->nodes[node].line;
    option->column = loader->tree->nodes[node].column;
    return CAUSTIC_OK;
}

/* The mapping's keys other than kind as options, zeroed before; the caller frees them and their lists. */
static caustic_result
preset_options(caustic_preset_option * options, slong * length, loader_t loader, slong mapping)
{
    slong key;

    *length = 0;
    for (key = loader->tree->nodes[mapping].first; key >= 0;
        key = loader->tree->nodes[loader->tree->nodes[key].next].next)
    {
        if (strcmp(caustic_loader_text(loader, key), "kind") != 0)
        {
            TRY(preset_option(options + (*length)++, loader, key, loader->tree->nodes[key].next));
        }
    }
    return CAUSTIC_OK;
}

/* A network of a few equal units is written out as a user would write it; a larger one stays one unit and
   a number of copies. */
static void
write_out_copies(caustic_setting_struct * setting, int has_loss)
{
    slong parameters = has_loss ? CAUSTIC_LOSS_WRITTEN_OUT : COPIES_WRITTEN_OUT;
    slong coordinates = has_loss ? CAUSTIC_LOSS_WRITTEN_OUT : CAUSTIC_WRITTEN_OUT;
    caustic_setting_t whole;

    if (setting->copies > 1 && setting->spheres == 0
        && setting->copies * setting->parameters <= parameters
        && setting->copies * setting->coordinates <= coordinates)
    {
        caustic_setting_repeat(whole, setting);
        caustic_setting_clear(setting);
        *setting = whole[0];
    }
}

static caustic_result
expand_preset(loader_t loader)
{
    slong mapping = loader->top[CASE_PRESET];
    slong key, kind = -1, length = 0;
    caustic_preset_option * options;
    caustic_origin origin;
    caustic_result result;
    caustic_text_t words;
    const char * name;

    if (loader->tree->nodes[mapping].kind != TREE_MAPPING)
    {
        return FAIL(loader, mapping, "expected a mapping such as {kind: relu-chain, depth: 2} for preset, found %s",
            caustic_loader_found(loader, mapping));
    }
    for (key = loader->tree->nodes[mapping].first; key >= 0;
        key = loader->tree->nodes[loader->tree->nodes[key].next].next)
    {
        if (strcmp(caustic_loader_text(loader, key), "kind") == 0)
        {
            kind = loader->tree->nodes[key].next;
        }
    }
    if (kind < 0)
    {
        return FAIL(loader, mapping, "the key 'kind' of preset is missing; expected for example {kind: relu-chain, depth: 2}");
    }
    TRY(caustic_loader_scalar(loader, kind, "the name of a preset"));

    name = caustic_loader_text(loader, kind);
    origin.file = loader->file;
    origin.line = loader->tree->nodes[kind].line;
    origin.column = loader->tree->nodes[kind].column;
    TRY(caustic_preset_check(name, &origin, loader->error));

    caustic_text_init(words);
    options = flint_calloc((size_t) loader->tree->nodes[mapping].children / 2 + 1, sizeof(caustic_preset_option));
    result = preset_options(options, &length, loader, mapping);
    if (result == CAUSTIC_OK)
    {
        result = caustic_preset_expand(loader->result->setting, words, loader->result->pool, name, options, length,
            &origin, loader->error);
    }
    while (length > 0)
    {
        flint_free((slong *) options[--length].list);
    }
    flint_free(options);
    if (result == CAUSTIC_OK)
    {
        loader->result->preset = caustic_string_copy(name);
        loader->result->words = caustic_text_take(words);
        write_out_copies(loader->result->setting, loader->top[CASE_LOSS] >= 0);
    }
    caustic_text_clear(words);
    return result;
}

/* Sizes **************************************************************************************/

static slong
children(const loader_t loader, slong node)
{
    return node < 0 ? 0 : loader->tree->nodes[node].children;
}

/* The node of a list's entry; lists that are walked are walked by `next`, this is for the few. */
static caustic_result
non_empty(loader_t loader, slong node, const char * expected)
{
    TRY(caustic_loader_sequence(loader, node, expected));
    if (children(loader, node) == 0)
    {
        return FAIL(loader, node, "expected %s, found an empty list", expected);
    }
    return CAUSTIC_OK;
}

static caustic_result
refuse_large(loader_t loader, slong node, slong rows, slong columns)
{
    if (columns > 0 && rows > CAUSTIC_MATRIX_LIMIT / columns)
    {
        return FAIL(loader, node, "a matrix of " WORD_FMT "d x " WORD_FMT "d entries is too large; the limit is %d entries (2000 parameters)",
            rows, columns, CAUSTIC_MATRIX_LIMIT);
    }
    return CAUSTIC_OK;
}

/* A written-out case: which keys there must be, and how large the setting is. */
static caustic_result
allocate_written(loader_t loader, const slong * action)
{
    const slong * top = loader->top;
    slong parameters, generators, elements, coordinates;
    slong root = 0;

    if ((top[CASE_PARAMETERS] < 0 && !loader->shaped) || top[CASE_METRIC] < 0)
    {
        return FAIL(loader, root, "the key '%s' of a case is missing; expected a preset, or parameters and metric",
            top[CASE_PARAMETERS] < 0 && !loader->shaped ? (top[CASE_METRIC] < 0 ? "preset" : "parameters") : "metric");
    }
    if (!loader->shaped)
    {
        TRY(non_empty(loader, top[CASE_PARAMETERS], "a list of parameters {name, domain}"));
    }
    parameters = loader->shaped ? loader->shaped_parameters : children(loader, top[CASE_PARAMETERS]);
    if (parameters > CAUSTIC_PARAMETER_LIMIT)
    {
        return FAIL(loader, loader->shaped ? loader->network[NETWORK_PARAMETERS] : top[CASE_PARAMETERS], WORD_FMT "d parameters are more than %d, the limit", parameters,
            CAUSTIC_PARAMETER_LIMIT);
    }
    generators = children(loader, action[ACTION_GENERATORS]);
    elements = children(loader, action[ACTION_ELEMENTS]);

    if (top[CASE_QUOTIENT] < 0 && top[CASE_SECTION] >= 0)
    {
        return FAIL(loader, top[CASE_SECTION], "the key 'quotient' of a case is missing; a section needs a quotient");
    }
    if (top[CASE_QUOTIENT] < 0 && (elements > 0 || generators >= parameters))
    {
        return FAIL(loader, top[CASE_ACTION], "the key 'quotient' of a case is missing; with an action, a quotient is needed");
    }
    loader->identity = top[CASE_QUOTIENT] < 0 && generators == 0;
    loader->torus = top[CASE_QUOTIENT] < 0 && generators > 0;
    if (top[CASE_QUOTIENT] >= 0)
    {
        TRY(non_empty(loader, top[CASE_QUOTIENT], "a list of coordinates {name, is, domain}"));
    }
    coordinates = loader->identity || loader->torus ? parameters - generators : children(loader, top[CASE_QUOTIENT]);
    TRY(refuse_large(loader, top[CASE_METRIC], parameters, parameters));
    if (top[CASE_ACTION] >= 0)
    {
        TRY(refuse_large(loader, top[CASE_ACTION], generators, parameters));
        TRY(refuse_large(loader, top[CASE_ACTION], elements, parameters));
    }
    caustic_setting_allocate(loader->result->setting, parameters, generators, elements, coordinates);
    loader->result->setting->has_section = top[CASE_QUOTIENT] < 0 || top[CASE_SECTION] >= 0;
    return CAUSTIC_OK;
}

/* Agreement with a preset ********************************************************************/

/* The number of entries of a list that a preset fills too. */
static caustic_result
same_length(loader_t loader, slong node, slong expected, const char * what)
{
    TRY(caustic_loader_sequence(loader, node, what));
    if (children(loader, node) == expected)
    {
        return CAUSTIC_OK;
    }
    return FAIL(loader, node, "the preset '%s' fills this in with " WORD_FMT "d entries, here are " WORD_FMT "d; leave out this key or the preset",
        loader->result->preset, expected, children(loader, node));
}

static caustic_result
disagreement(loader_t loader, slong node, const char * expected)
{
    return FAIL(loader, node, "the preset '%s' has '%s' here, the case says %s; leave out this key or the preset",
        loader->result->preset, caustic_loader_quote(loader, expected), caustic_loader_found(loader, node));
}

/* One expression of the setting: read, or held against the preset's. */
static caustic_result
put_expression(caustic_expr * entry, loader_t loader, slong node, const name_list * names, const char * what)
{
    caustic_expr e;
    char * text;
    caustic_result result;

    TRY(caustic_loader_expression(&e, loader, node, names, what));
    if (!loader->compare)
    {
        *entry = e;
        return CAUSTIC_OK;
    }
    if (e == *entry)
    {
        return CAUSTIC_OK;
    }
    text = caustic_expr_string(loader->result->pool, *entry);
    result = disagreement(loader, node, text);
    flint_free(text);
    return result;
}

static int
same_interval(const caustic_interval_t a, const caustic_interval_t b)
{
    if (a->lower_infinite != b->lower_infinite || a->upper_infinite != b->upper_infinite)
    {
        return 0;
    }
    return (a->lower_infinite || (a->lower_closed == b->lower_closed && fmpq_equal(a->lower, b->lower)))
        && (a->upper_infinite || (a->upper_closed == b->upper_closed && fmpq_equal(a->upper, b->upper)));
}

/* A domain; the whole line where none is written. */
static caustic_result
put_domain(caustic_interval_struct * entry, loader_t loader, slong node)
{
    caustic_interval_t interval;
    caustic_result result = CAUSTIC_OK;

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    caustic_interval_init(interval);
    result = caustic_loader_interval(interval, loader, node);
    if (result == CAUSTIC_OK && !loader->compare)
    {
        caustic_interval_set(entry, interval);
    }
    else if (result == CAUSTIC_OK && !same_interval(entry, interval))
    {
        caustic_text_t text;

        caustic_text_init(text);
        caustic_interval_print(text, entry);
        result = disagreement(loader, node, text->data);
        caustic_text_clear(text);
    }
    caustic_interval_clear(interval);
    return result;
}

/* Declarations *******************************************************************************/

/* The names and domains of the parameters or of the coordinates. Positivity is promised here,
   before any expression uses the symbol. */
static caustic_result
declare_symbol(caustic_expr * entry, caustic_interval_struct * domain, loader_t loader, slong name,
    slong domain_node, const char * role)
{
    caustic_pool * pool = loader->result->pool;

    TRY(caustic_loader_name(loader, name, role, 0));
    if (loader->compare)
    {
        if (strcmp(caustic_expr_name(pool, *entry), caustic_loader_text(loader, name)) != 0)
        {
            return disagreement(loader, name, caustic_expr_name(pool, *entry));
        }
        return put_domain(domain, loader, domain_node);
    }
    *entry = caustic_symbol(pool, caustic_loader_text(loader, name));
    TRY(put_domain(domain, loader, domain_node));
    if (caustic_interval_is_positive(domain))
    {
        caustic_symbol_assume_positive(pool, *entry);
    }
    return CAUSTIC_OK;
}

static caustic_result
declare_parameters(loader_t loader)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong list = loader->top[CASE_PARAMETERS];
    slong node, i = 0;

    if (list < 0)
    {
        return CAUSTIC_OK;
    }
    if (loader->compare)
    {
        TRY(same_length(loader, list, setting->parameters, "a list of parameters {name, domain}"));
    }
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        slong value[SCHEMA_KEYS];

        TRY(caustic_loader_block(value, loader, node, BLOCK_PARAMETER));
        TRY(caustic_loader_required(loader, node, BLOCK_PARAMETER, value, PARAMETER_NAME));
        TRY(declare_symbol(setting->parameter + i, setting->parameter_domain + i, loader, value[PARAMETER_NAME],
            value[PARAMETER_DOMAIN], "a parameter"));
        if (!loader->compare)
        {
            caustic_loader_declare(loader, caustic_loader_text(loader, value[PARAMETER_NAME]), "a parameter", NULL,
                loader->tree->nodes[value[PARAMETER_NAME]].line, loader->tree->nodes[value[PARAMETER_NAME]].column);
        }
    }
    return CAUSTIC_OK;
}

/* The index of a parameter among the setting's, -1 where it is none. */
static slong
parameter_index(const caustic_setting_struct * setting, caustic_expr symbol)
{
    slong i;

    for (i = 0; i < setting->parameters; i++)
    {
        if (setting->parameter[i] == symbol)
        {
            return i;
        }
    }
    return -1;
}

static int
is_trivial(const caustic_setting_struct * setting)
{
    return setting->generators == 0 && setting->elements == 0;
}

static caustic_result
declare_coordinates(loader_t loader)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong list = loader->top[CASE_QUOTIENT];
    slong node, i = 0;

    if (list < 0)
    {
        return CAUSTIC_OK;
    }
    if (loader->compare)
    {
        TRY(same_length(loader, list, setting->coordinates, "a list of coordinates {name, is, domain}"));
    }
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        slong value[SCHEMA_KEYS];
        slong shared;

        TRY(caustic_loader_block(value, loader, node, BLOCK_COORDINATE));
        TRY(caustic_loader_required(loader, node, BLOCK_COORDINATE, value, COORDINATE_NAME));
        TRY(caustic_loader_required(loader, node, BLOCK_COORDINATE, value, COORDINATE_IS));
        TRY(declare_symbol(setting->coordinate + i, setting->coordinate_domain + i, loader, value[COORDINATE_NAME],
            value[COORDINATE_DOMAIN], "a coordinate"));
        if (loader->compare)
        {
            continue;
        }
        shared = is_trivial(setting) ? parameter_index(setting, setting->coordinate[i]) : -1;
        if (shared < 0)
        {
            caustic_loader_declare(loader, caustic_loader_text(loader, value[COORDINATE_NAME]), "a coordinate", NULL,
                loader->tree->nodes[value[COORDINATE_NAME]].line, loader->tree->nodes[value[COORDINATE_NAME]].column);
        }
        else if (!same_interval(setting->parameter_domain + shared, setting->coordinate_domain + i))
        {
            return FAIL(loader, node, "the coordinate has the name of a parameter but another domain; choose another name");
        }
    }
    return CAUSTIC_OK;
}

/* A torus action without a quotient: its invariants will be monomials z, or z1, z2, ..., on (0, inf). */
static void
torus_coordinates(loader_t loader)
{
    caustic_setting_struct * setting = loader->result->setting;
    const tree_node * node = loader->tree->nodes + loader->top[CASE_ACTION];
    char name[32];
    slong i;

    for (i = 0; i < setting->coordinates; i++)
    {
        if (setting->coordinates == 1)
        {
            strcpy(name, "z");
        }
        else
        {
            snprintf(name, sizeof(name), "z" WORD_FMT "d", i + 1);
        }
        setting->coordinate[i] = caustic_symbol(setting->pool, name);
        caustic_symbol_assume_positive(setting->pool, setting->coordinate[i]);
        setting->coordinate_domain[i].lower_infinite = 0;
        fmpq_zero(setting->coordinate_domain[i].lower);
        caustic_loader_declare(loader, caustic_expr_name(setting->pool, setting->coordinate[i]),
            "a coordinate found for the torus", NULL, node->line, node->column);
    }
}

static caustic_result
complete_torus(loader_t loader)
{
    if (loader->torus && !caustic_setting_complete_torus(loader->result->setting))
    {
        return FAIL(loader, loader->top[CASE_ACTION], "the key 'quotient' of a case is missing; only for independent rescalings,"
            " vector fields whose component along w is a number times w, are the invariants found");
    }
    return CAUSTIC_OK;
}

/* With neither action nor quotient the parameters are the coordinates. */
static void
identity_quotient(caustic_setting_struct * setting)
{
    slong i;

    for (i = 0; i < setting->parameters; i++)
    {
        setting->coordinate[i] = setting->parameter[i];
        setting->invariant[i] = setting->parameter[i];
        setting->section[i] = setting->parameter[i];
        caustic_interval_set(setting->coordinate_domain + i, setting->parameter_domain + i);
    }
}

/* The names that expressions in the parameters, in the coordinates and in either may use. */
static void
collect_names(loader_t loader)
{
    caustic_case_struct * result = loader->result;
    caustic_setting_struct * setting = result->setting;
    int preset = result->preset != NULL;
    slong line = preset ? loader->tree->nodes[loader->top[CASE_PRESET]].line : 0;
    slong column = preset ? loader->tree->nodes[loader->top[CASE_PRESET]].column : 0;
    slong i;

    for (i = 0; i < loader->constants.length; i++)
    {
        caustic_names_add(&loader->parameters, loader->constants.names[i].name, loader->constants.names[i].value);
        caustic_names_add(&loader->coordinates, loader->constants.names[i].name, loader->constants.names[i].value);
        caustic_names_add(&loader->everything, loader->constants.names[i].name, loader->constants.names[i].value);
    }
    /* A reserved name: only a loss -2 nu log p may have it. */
    caustic_names_add(&loader->everything, "nu", caustic_symbol(result->pool, "nu"));
    for (i = 0; i < setting->coordinates; i++)
    {
        const char * name = caustic_expr_name(result->pool, setting->coordinate[i]);

        caustic_names_add(&loader->coordinates, name, setting->coordinate[i]);
        caustic_names_add(&loader->everything, name, setting->coordinate[i]);
        if (preset)
        {
            caustic_loader_declare(loader, name, "a coordinate of the preset", NULL, line, column);
        }
    }
    for (i = 0; i < setting->parameters; i++)
    {
        const char * name = caustic_expr_name(result->pool, setting->parameter[i]);
        int shared = 0;
        slong j;

        for (j = 0; is_trivial(setting) && j < setting->coordinates && !shared; j++)
        {
            shared = setting->coordinate[loader->identity ? i : j] == setting->parameter[i];
        }
        caustic_names_add(&loader->parameters, name, setting->parameter[i]);
        if (!shared)
        {
            caustic_names_add(&loader->everything, name, setting->parameter[i]);
        }
        if (preset)
        {
            caustic_loader_declare(loader, name, "a parameter of the preset", NULL, line, column);
        }
    }
}

/* Expressions ********************************************************************************/

/* A list of rows x columns expressions. */
static caustic_result
put_matrix(caustic_expr * entries, loader_t loader, slong list, slong rows, slong columns, const char * row_name,
    const char * what)
{
    slong row, node, i = 0;

    if (loader->compare)
    {
        TRY(same_length(loader, list, rows, "a list of lists"));
    }
    TRY(caustic_loader_sequence_of(loader, list, rows, row_name, "as many as there are parameters"));
    for (row = loader->tree->nodes[list].first; row >= 0; row = loader->tree->nodes[row].next)
    {
        TRY(caustic_loader_sequence_of(loader, row, columns, "expressions", "one for each parameter"));
        for (node = loader->tree->nodes[row].first; node >= 0; node = loader->tree->nodes[node].next, i++)
        {
            TRY(put_expression(entries + i, loader, node, &loader->parameters, what));
        }
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_metric(caustic_expr * entries, loader_t loader, slong node)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong n = setting->parameters;
    slong i;

    if (loader->tree->nodes[node].kind == TREE_SCALAR && strcmp(caustic_loader_text(loader, node), "euclidean") == 0)
    {
        caustic_expr zero = caustic_integer(loader->result->pool, 0);
        caustic_expr one = caustic_integer(loader->result->pool, 1);

        for (i = 0; i < n * n; i++)
        {
            caustic_expr e = i % (n + 1) == 0 ? one : zero;

            if (loader->compare && entries[i] != e)
            {
                return FAIL(loader, node, "the preset '%s' has another inverse metric; leave out this key or the preset",
                    loader->result->preset);
            }
            entries[i] = e;
        }
        return CAUSTIC_OK;
    }
    if (loader->tree->nodes[node].kind != TREE_SEQUENCE)
    {
        return FAIL(loader, node, "expected euclidean or a list of " WORD_FMT "d rows for the inverse metric, found %s", n,
            caustic_loader_found(loader, node));
    }
    return put_matrix(entries, loader, node, n, n, "rows", "an entry of the inverse metric");
}

static caustic_result
put_action(loader_t loader, const slong * action)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong n = setting->parameters;

    if (action[ACTION_GENERATORS] >= 0)
    {
        TRY(put_matrix(setting->generator, loader, action[ACTION_GENERATORS], setting->generators, n,
            "vector fields", "a component of a vector field"));
    }
    if (action[ACTION_ELEMENTS] >= 0)
    {
        TRY(put_matrix(setting->element, loader, action[ACTION_ELEMENTS], setting->elements, n,
            "substitutions", "the image of a parameter"));
    }
    return CAUSTIC_OK;
}

static caustic_result
put_quotient(loader_t loader)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong node, i = 0;

    if (loader->top[CASE_QUOTIENT] >= 0)
    {
        for (node = loader->tree->nodes[loader->top[CASE_QUOTIENT]].first; node >= 0;
            node = loader->tree->nodes[node].next, i++)
        {
            slong value[SCHEMA_KEYS];

            TRY(caustic_loader_block(value, loader, node, BLOCK_COORDINATE));
            TRY(put_expression(setting->invariant + i, loader, value[COORDINATE_IS], &loader->parameters, "a coordinate"));
            if (!loader->compare && is_trivial(setting)
                && parameter_index(setting, setting->coordinate[i]) >= 0
                && setting->invariant[i] != setting->coordinate[i])
            {
                return FAIL(loader, value[COORDINATE_IS], "the coordinate has the name of a parameter, so it must be that parameter; choose another name");
            }
        }
    }
    if (loader->top[CASE_SECTION] >= 0 && !setting->has_section)
    {
        return FAIL(loader, loader->top[CASE_SECTION], "the preset '%s' has no section; leave out this key or the preset",
            loader->result->preset);
    }
    if (loader->top[CASE_SECTION] >= 0)
    {
        TRY(caustic_loader_sequence_of(loader, loader->top[CASE_SECTION], setting->parameters, "expressions",
            "one for each parameter"));
        i = 0;
        for (node = loader->tree->nodes[loader->top[CASE_SECTION]].first; node >= 0;
            node = loader->tree->nodes[node].next, i++)
        {
            TRY(put_expression(setting->section + i, loader, node, &loader->coordinates, "an entry of the section"));
        }
    }
    return CAUSTIC_OK;
}

static caustic_result
put_stratum(loader_t loader)
{
    caustic_setting_struct * setting = loader->result->setting;
    slong list = loader->top[CASE_STRATUM];
    slong node, i = 0;

    if (list < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_sequence(loader, list, "a list of expressions that are non-zero on the stratum"));
    if (loader->compare)
    {
        TRY(same_length(loader, list, setting->strata, "a list of expressions"));
    }
    else
    {
        setting->stratum = flint_calloc((size_t) children(loader, list) + 1, sizeof(caustic_expr));
        setting->strata = children(loader, list);
    }
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next, i++)
    {
        TRY(put_expression(setting->stratum + i, loader, node, &loader->parameters, "an expression of the stratum"));
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_reduction(loader_t loader)
{
    const slong * top = loader->top;
    slong action[SCHEMA_KEYS] = {-1, -1};

    if (top[CASE_ACTION] >= 0)
    {
        TRY(caustic_loader_block(action, loader, top[CASE_ACTION], BLOCK_ACTION));
    }
    if (action[ACTION_GENERATORS] >= 0)
    {
        TRY(caustic_loader_sequence(loader, action[ACTION_GENERATORS], "a list of vector fields, each a list of expressions"));
    }
    if (action[ACTION_ELEMENTS] >= 0)
    {
        TRY(caustic_loader_sequence(loader, action[ACTION_ELEMENTS], "a list of substitutions, each a list of expressions"));
    }
    TRY(caustic_loader_network_shapes(loader));
    if (top[CASE_PRESET] >= 0)
    {
        TRY(expand_preset(loader));
        loader->compare = 1;
    }
    else
    {
        TRY(allocate_written(loader, action));
    }

    TRY(loader->shaped ? caustic_loader_network_parameters(loader) : declare_parameters(loader));
    TRY(declare_coordinates(loader));
    if (loader->identity)
    {
        identity_quotient(loader->result->setting);
    }
    if (loader->torus)
    {
        torus_coordinates(loader);
    }
    collect_names(loader);
    TRY(caustic_loader_data(loader));
    TRY(caustic_loader_network_names(loader));
    TRY(caustic_loader_distinct(loader));

    if (top[CASE_METRIC] >= 0)
    {
        TRY(caustic_loader_metric(loader->result->setting->inverse_metric, loader, top[CASE_METRIC]));
    }
    TRY(put_action(loader, action));
    TRY(complete_torus(loader));
    TRY(put_quotient(loader));
    TRY(put_stratum(loader));
    loader->compare = 0;
    return CAUSTIC_OK;
}
