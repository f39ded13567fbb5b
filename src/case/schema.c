/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The keys of each block, and the reading of single values with their messages.
*/

#include <stdlib.h>
#include <string.h>
#include "../architectures/words.h"
#include "case_internal.h"

const schema_entry caustic_schema[BLOCKS] =
{
    {"a case", 22, {"name", "title", "architecture", "preset", "parameters", "metric", "action", "stratum",
        "quotient", "section", "normal_form", "constants", "data", "loss", "optimiser", "verify", "shock",
        "claims", "expect", "audit", "network", "parameters_on"}},
    {"a parameter", 2, {"name", "domain"}},
    {"action", 2, {"generators", "elements"}},
    {"a coordinate of the quotient", 3, {"name", "is", "domain"}},
    {"normal_form", 2, {"kind", "map"}},
    {"a constant", 2, {"name", "value"}},
    {"data", 3, {"columns", "rows", "file"}},
    {"optimiser", 1, {"metric"}},
    {"verify", 4, {"viscosity", "box", "time", "tolerance"}},
    {"shock", 9, {"box", "digits", "scope", "from", "viscous", "after", "peak", "points", "profile"}},
    {"claims", 8, {"cometric", "drift", "hamilton_jacobi", "burgers", "shock_time", "shock_at", "no_shock_iff", "monotone"}},
    {"expect", 5, {"derive", "audit", "verify", "shock", "table"}},
    {"audit", 1, {"charges"}},
    {"network", 3, {"parameters", "forward", "objective"}},
    {"an array of parameters", 3, {"name", "shape", "domain"}},
    {"a step of the network", 2, {"name", "is"}},
    {"an entry of parameters_on", 2, {"name", "interval"}}
};

static int
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Messages ***********************************************************************************/

void
caustic_quote(char * out, size_t size, const char * text)
{
    size_t used = 0;
    size_t i = 0;

    while (text[i] != 0 && used + 8 < size)
    {
        unsigned char c = (unsigned char) text[i];
        size_t bytes = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

        if (c < 0x20 || c == 0x7F || (c == 0xC2 && (unsigned char) text[i + 1] < 0xA0))
        {
            out[used++] = '?';
            i += bytes;
            continue;
        }
        while (bytes-- > 0 && text[i] != 0)
        {
            out[used++] = text[i++];
        }
    }
    if (text[i] != 0)
    {
        memcpy(out + used, "...", 3);
        used += 3;
    }
    out[used] = 0;
}

const char *
caustic_loader_quote(loader_t loader, const char * text)
{
    char * out = loader->quoted[loader->quoted_next];

    loader->quoted_next = (loader->quoted_next + 1) % 4;
    caustic_quote(out, sizeof(loader->quoted[0]), text);
    return out;
}

const char *
caustic_loader_text(const loader_t loader, slong node)
{
    return loader->tree->bytes->data + loader->tree->nodes[node].text;
}

const char *
caustic_loader_found(loader_t loader, slong node)
{
    const tree_node * found = loader->tree->nodes + node;
    char * out;

    if (found->kind == TREE_SEQUENCE)
    {
        return found->children == 0 ? "an empty list" : "a list";
    }
    if (found->kind == TREE_MAPPING)
    {
        return "a mapping";
    }
    if (found->length == 0)
    {
        return found->style == TREE_PLAIN ? "nothing" : "an empty text";
    }
    out = loader->quoted[loader->quoted_next];
    loader->quoted_next = (loader->quoted_next + 1) % 4;
    out[0] = '\'';
    caustic_quote(out + 1, sizeof(loader->quoted[0]) - 2, caustic_loader_text(loader, node));
    strcat(out, "'");
    return out;
}

/* "a, b, c" */
static void
append_words(caustic_text_t out, const char * const * words, slong length)
{
    slong i;

    for (i = 0; i < length; i++)
    {
        caustic_text_printf(out, "%s%s", i == 0 ? "" : ", ", words[i]);
    }
}

/* "; did you mean 'x'?" where a word is close. */
static void
append_suggestion(caustic_text_t out, const char * word, const char * const * words, slong length)
{
    slong closest = caustic_word_closest(word, words, length);

    if (closest >= 0)
    {
        caustic_text_printf(out, "; did you mean '%s'?", words[closest]);
    }
}

/* Mappings ***********************************************************************************/

static slong
word_index(const char * word, const char * const * words, slong length)
{
    slong i;

    for (i = 0; i < length; i++)
    {
        if (strcmp(word, words[i]) == 0)
        {
            return i;
        }
    }
    return -1;
}

static caustic_result
unknown_key(loader_t loader, slong node, const schema_entry * schema)
{
    caustic_text_t hint;
    const char * word = caustic_loader_text(loader, node);
    caustic_result result;

    caustic_text_init(hint);
    append_suggestion(hint, word, schema->key, schema->length);
    caustic_text_append(hint, hint->length > 0 ? " The" : "; the");
    caustic_text_printf(hint, " keys of %s are: ", schema->what);
    append_words(hint, schema->key, schema->length);
    result = FAIL(loader, node, "unknown key '%s'%s", caustic_loader_quote(loader, word), hint->data);
    caustic_text_clear(hint);
    return result;
}

caustic_result
caustic_loader_block(slong * value, loader_t loader, slong node, schema_block block)
{
    const schema_entry * schema = caustic_schema + block;
    const tree_node * mapping = loader->tree->nodes + node;
    slong i, key;

    for (i = 0; i < schema->length; i++)
    {
        value[i] = -1;
    }

    if (mapping->kind != TREE_MAPPING)
    {
        caustic_text_t keys;
        caustic_result result;

        caustic_text_init(keys);
        append_words(keys, schema->key, schema->length);
        result = FAIL(loader, node, "expected a mapping for %s, with keys among %s; found %s", schema->what,
            keys->data, caustic_loader_found(loader, node));
        caustic_text_clear(keys);
        return result;
    }

    for (key = mapping->first; key >= 0; key = loader->tree->nodes[loader->tree->nodes[key].next].next)
    {
        i = word_index(caustic_loader_text(loader, key), schema->key, schema->length);
        if (i < 0)
        {
            return unknown_key(loader, key, schema);
        }
        value[i] = loader->tree->nodes[key].next;
    }

    return CAUSTIC_OK;
}

caustic_result
caustic_loader_required(loader_t loader, slong node, schema_block block, const slong * value, slong key)
{
    if (value[key] >= 0)
    {
        return CAUSTIC_OK;
    }
    return FAIL(loader, node, "the key '%s' of %s is missing", caustic_schema[block].key[key],
        caustic_schema[block].what);
}

/* Single values ******************************************************************************/

caustic_result
caustic_loader_scalar(loader_t loader, slong node, const char * expected)
{
    const tree_node * found = loader->tree->nodes + node;

    if (found->kind == TREE_SCALAR && found->length > 0)
    {
        return CAUSTIC_OK;
    }
    return FAIL(loader, node, "expected %s, found %s", expected, caustic_loader_found(loader, node));
}

caustic_result
caustic_loader_sequence(loader_t loader, slong node, const char * expected)
{
    if (loader->tree->nodes[node].kind == TREE_SEQUENCE)
    {
        return CAUSTIC_OK;
    }
    return FAIL(loader, node, "expected %s, found %s", expected, caustic_loader_found(loader, node));
}

caustic_result
caustic_loader_sequence_of(loader_t loader, slong node, slong length, const char * entry, const char * because)
{
    const tree_node * found = loader->tree->nodes + node;

    if (found->kind != TREE_SEQUENCE)
    {
        return FAIL(loader, node, "expected a list of " WORD_FMT "d %s (%s), found %s", length, entry, because,
            caustic_loader_found(loader, node));
    }
    if (found->children != length)
    {
        return FAIL(loader, node, "expected a list of " WORD_FMT "d %s (%s), found " WORD_FMT "d", length, entry,
            because, found->children);
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_word(slong * result, loader_t loader, slong node, const char * const * words, slong length)
{
    caustic_text_t hint;
    caustic_result status;

    caustic_text_init(hint);
    append_words(hint, words, length);
    if (loader->tree->nodes[node].kind == TREE_SCALAR)
    {
        *result = word_index(caustic_loader_text(loader, node), words, length);
        append_suggestion(hint, caustic_loader_text(loader, node), words, length);
    }
    else
    {
        *result = -1;
    }
    status = *result >= 0 ? CAUSTIC_OK
        : FAIL(loader, node, "found %s, expected one of %s", caustic_loader_found(loader, node), hint->data);
    caustic_text_clear(hint);
    return status;
}

caustic_result
caustic_loader_integer(slong * result, loader_t loader, slong node, slong least, slong most, const char * what)
{
    fmpq_t value;
    caustic_result status;

    fmpq_init(value);
    status = caustic_loader_rational(value, loader, node, what);
    if (status == CAUSTIC_OK)
    {
        if (!fmpz_is_one(fmpq_denref(value)) || fmpz_cmp_si(fmpq_numref(value), least) < 0
            || fmpz_cmp_si(fmpq_numref(value), most) > 0)
        {
            status = FAIL(loader, node, "expected %s: an integer from " WORD_FMT "d to " WORD_FMT "d, found %s",
                what, least, most, caustic_loader_found(loader, node));
        }
        else
        {
            *result = fmpz_get_si(fmpq_numref(value));
        }
    }
    fmpq_clear(value);
    return status;
}

/* Expressions ********************************************************************************/

/* Moves an error's position from the scalar's text to the file. The parser counted columns (and
   lines, where the text has several) from `origin`; part is the offset of what it read. */
static void
move_error(loader_t loader, slong node, size_t part, const char * text, const caustic_origin * origin)
{
    caustic_error_struct * error = loader->error;
    size_t offset = 0;
    slong line = origin->line;

    if (loader->tree->nodes[node].verbatim || error->line < origin->line)
    {
        return;
    }
    while (line < error->line && text[offset] != 0)
    {
        line += text[offset] == '\n' ? 1 : 0;
        offset++;
    }
    if (error->line == origin->line)
    {
        offset = error->column > origin->column ? (size_t) (error->column - origin->column) : 0;
    }
    else
    {
        offset += error->column > 1 ? (size_t) (error->column - 1) : 0;
    }
    if (part + offset > loader->tree->nodes[node].length)
    {
        offset = loader->tree->nodes[node].length - part;
    }
    caustic_tree_locate(&error->line, &error->column, loader->tree, node, part + offset);
}

static caustic_origin
scalar_origin(const loader_t loader, slong node, size_t part)
{
    caustic_origin origin;

    origin.file = loader->file;
    origin.line = loader->tree->nodes[node].line;
    origin.column = loader->tree->nodes[node].column;
    if (loader->tree->nodes[node].verbatim)
    {
        caustic_tree_locate(&origin.line, &origin.column, loader->tree, node, part);
    }
    return origin;
}

/* A text no longer than this is parsed with the names that it uses instead of all that it may use:
   the parser sorts its names for each expression. */
#define SHORT_TEXT 200

static caustic_scope
whole_scope(const name_list * names)
{
    caustic_scope scope;

    memset(&scope, 0, sizeof(scope));
    scope.names = names->names;
    scope.length = names->length;
    scope.data = names->data;
    scope.derivatives = names->derivatives;
    return scope;
}

/* The names of the list that occur in the text; `used` has room for SHORT_TEXT. */
static caustic_scope
short_scope(caustic_name * used, const name_list * names, const char * text)
{
    caustic_scope scope = whole_scope(names);
    size_t i = 0;

    scope.names = used;
    scope.length = 0;
    while (text[i] != 0)
    {
        size_t length = 0;
        slong index, j;

        while (is_letter(text[i + length]) || (length > 0 && (is_digit(text[i + length]) || text[i + length] == '_')))
        {
            length++;
        }
        index = length == 0 ? -1 : caustic_names_find(names, text + i, length);
        for (j = 0; index >= 0 && j < scope.length; j++)
        {
            index = used[j].name == names->names[index].name ? -1 : index;
        }
        if (index >= 0)
        {
            used[scope.length++] = names->names[index];
        }
        i += length > 0 ? length : 1;
    }
    return scope;
}

/* An expression over data rows is written out for every row. */
static caustic_result
refuse_long_expansion(loader_t loader, slong node, const name_list * names)
{
    slong length = (slong) loader->tree->nodes[node].length;
    slong line, column;

    if (names->data == NULL || length <= CAUSTIC_EXPANSION_LIMIT / names->data->rows
        || !(caustic_loader_find_name(&line, &column, loader, node, "mean")
            || caustic_loader_find_name(&line, &column, loader, node, "sum")))
    {
        return CAUSTIC_OK;
    }
    return FAIL(loader, node, "an expression of " WORD_FMT "d characters over " WORD_FMT "d data rows is too large; the limit for their product is %d",
        length, names->data->rows, CAUSTIC_EXPANSION_LIMIT);
}

/* The expression in `text`, a copy of the scalar's bytes from `part` on; with `right` an equation. */
static caustic_result
parse_part(caustic_expr * left, caustic_expr * right, loader_t loader, slong node, size_t part, const char * text,
    const name_list * names)
{
    caustic_origin origin = scalar_origin(loader, node, part);
    caustic_pool * pool = loader->result->pool;
    caustic_scope scope = whole_scope(names);
    caustic_result status = CAUSTIC_BAD_INPUT;

    TRY(refuse_long_expansion(loader, node, names));
    if (names->length > 16 && strlen(text) <= SHORT_TEXT)
    {
        caustic_name used[SHORT_TEXT];
        caustic_scope few = short_scope(used, names, text);

        status = right == NULL ? caustic_parse(left, pool, text, &few, &origin, loader->error)
            : caustic_parse_equation(left, right, pool, text, &few, &origin, loader->error);
    }
    if (status != CAUSTIC_OK)
    {
        /* Also after a failure with few names: the message lists those that there are. */
        status = right == NULL ? caustic_parse(left, pool, text, &scope, &origin, loader->error)
            : caustic_parse_equation(left, right, pool, text, &scope, &origin, loader->error);
    }
    if (status != CAUSTIC_OK)
    {
        move_error(loader, node, part, text, &origin);
        return status;
    }
    if (right == NULL && caustic_expr_op(pool, *left) == CAUSTIC_OP_NUMBER)
    {
        return caustic_loader_count(loader, caustic_expr_fmpq(pool, *left), origin.line, origin.column);
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_count(loader_t loader, const fmpq_t x, slong line, slong column)
{
    loader->bits += (slong) (fmpz_bits(fmpq_numref(x)) + fmpz_bits(fmpq_denref(x)));
    if (loader->bits <= CAUSTIC_BITS_LIMIT)
    {
        return CAUSTIC_OK;
    }
    return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->file, line, column,
        "the numbers up to here take more than %d bits together, the limit", CAUSTIC_BITS_LIMIT);
}

static caustic_result
expression_scalar(loader_t loader, slong node, const char * form, const char * what)
{
    const tree_node * found = loader->tree->nodes + node;

    if (found->kind == TREE_SCALAR && found->length > 0)
    {
        return CAUSTIC_OK;
    }
    return FAIL(loader, node, "expected %s for %s, found %s", form, what, caustic_loader_found(loader, node));
}

caustic_result
caustic_loader_expression(caustic_expr * result, loader_t loader, slong node, const name_list * names,
    const char * what)
{
    TRY(expression_scalar(loader, node, "an expression", what));
    return parse_part(result, NULL, loader, node, 0, caustic_loader_text(loader, node), names);
}

caustic_result
caustic_loader_forward(caustic_tensor_struct * result, loader_t loader, slong node, caustic_network_scope * scope,
    const char * what)
{
    const char * text = caustic_loader_text(loader, node);
    caustic_origin origin = scalar_origin(loader, node, 0);
    caustic_result status;

    TRY(expression_scalar(loader, node, "a forward expression", what));
    status = caustic_network_parse(result, loader->result->pool, text, scope, &origin, loader->error);
    if (status != CAUSTIC_OK)
    {
        move_error(loader, node, 0, text, &origin);
    }
    return status;
}

caustic_result
caustic_loader_equation(caustic_expr * left, caustic_expr * right, loader_t loader, slong node,
    const name_list * names, const char * what)
{
    TRY(expression_scalar(loader, node, "an equation 'left = right'", what));
    return parse_part(left, right, loader, node, 0, caustic_loader_text(loader, node), names);
}

static const char *
find_relation(const char * text)
{
    return text + strcspn(text, "<>");
}

caustic_result
caustic_loader_inequality(caustic_expr * difference, int * strict, loader_t loader, slong node, const name_list * names,
    const char * what)
{
    const char * text, * relation;
    size_t at;
    char * left;
    caustic_expr sides[2];
    caustic_result status;
    int closed;

    TRY(expression_scalar(loader, node, "an inequality 'left >= right'", what));
    text = caustic_loader_text(loader, node);
    relation = find_relation(text);
    at = (size_t) (relation - text);
    closed = relation[0] != 0 && relation[1] == '=';
    if (relation[0] == 0 || *find_relation(relation + 1) != 0)
    {
        return FAIL(loader, node, "expected one of >=, >, <=, < between two expressions for %s, found %s", what,
            caustic_loader_found(loader, node));
    }
    left = caustic_string_copy(text);
    left[at] = 0;
    status = parse_part(sides, NULL, loader, node, 0, left, names);
    flint_free(left);
    TRY(status);
    at += closed ? 2 : 1;
    TRY(parse_part(sides + 1, NULL, loader, node, at, text + at, names));
    *strict = !closed;
    *difference = caustic_sub(loader->result->pool, sides[relation[0] == '<'], sides[relation[0] != '<']);
    return CAUSTIC_OK;
}

/* A rational number in a part of a scalar. */
static caustic_result
rational_part(fmpq_t result, loader_t loader, slong node, size_t part, const char * text, const char * what)
{
    caustic_expr value;

    TRY(parse_part(&value, NULL, loader, node, part, text, &loader->constants));
    if (caustic_expr_op(loader->result->pool, value) != CAUSTIC_OP_NUMBER)
    {
        slong line, column;

        caustic_tree_locate(&line, &column, loader->tree, node, part);
        return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->file, line, column,
            "expected a rational number for %s, such as 1/20 or 0.05; '%s' is not known to be one", what,
            caustic_loader_quote(loader, text));
    }
    fmpq_set(result, caustic_expr_fmpq(loader->result->pool, value));
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_rational(fmpq_t result, loader_t loader, slong node, const char * what)
{
    TRY(expression_scalar(loader, node, "a rational number", what));
    return rational_part(result, loader, node, 0, caustic_loader_text(loader, node), what);
}

/* Intervals **********************************************************************************/

/* 1 for "inf" and "+inf", -1 for "-inf", else 0; blanks around do not count. */
static int
infinity_sign(const char * text)
{
    size_t length;
    int sign = 1;

    text += strspn(text, " \t\n");
    if (*text == '-' || *text == '+')
    {
        sign = *text == '-' ? -1 : 1;
        text++;
    }
    length = strlen(text);
    while (length > 0 && strchr(" \t\n", text[length - 1]) != NULL)
    {
        length--;
    }
    return length == 3 && memcmp(text, "inf", 3) == 0 ? sign : 0;
}

static caustic_result
refuse_inverted(loader_t loader, slong node, const caustic_interval_t interval, const char * what)
{
    int order;

    if (interval->lower_infinite || interval->upper_infinite)
    {
        return CAUSTIC_OK;
    }
    order = fmpq_cmp(interval->lower, interval->upper);
    if (order == 0)
    {
        return FAIL(loader, node, "%s has equal ends; expected lower < upper", what);
    }
    if (order > 0)
    {
        return FAIL(loader, node, "%s is inverted: its lower end is above its upper end", what);
    }
    return CAUSTIC_OK;
}

static caustic_result
interval_end(caustic_interval_t result, loader_t loader, slong node, size_t part, size_t length, int upper)
{
    const char * text = caustic_loader_text(loader, node) + part;
    char * copy = flint_malloc(length + 1);
    int sign;
    caustic_result status = CAUSTIC_OK;

    memcpy(copy, text, length);
    copy[length] = 0;
    sign = infinity_sign(copy);
    if (sign != 0 && sign != (upper ? 1 : -1))
    {
        status = FAIL(loader, node, "the %s end of an interval cannot be %s", upper ? "upper" : "lower",
            upper ? "-inf" : "inf");
    }
    else if (sign != 0)
    {
        *(upper ? &result->upper_infinite : &result->lower_infinite) = 1;
        if (upper ? result->upper_closed : result->lower_closed)
        {
            status = FAIL(loader, node, "an infinite end is open: write %s", upper ? "inf)" : "(-inf");
        }
    }
    else
    {
        *(upper ? &result->upper_infinite : &result->lower_infinite) = 0;
        status = rational_part(upper ? result->upper : result->lower, loader, node, part, copy,
            "an end of the interval");
    }
    flint_free(copy);
    return status;
}

/* The comma that no parenthesis encloses; 0 where there is none or more than one. */
static size_t
interval_comma(const char * text, size_t first, size_t last)
{
    size_t comma = 0;
    slong depth = 0;
    size_t i;

    for (i = first; i < last; i++)
    {
        depth += (text[i] == '(') - (text[i] == ')');
        if (text[i] == ',' && depth == 0)
        {
            if (comma > 0)
            {
                return 0;
            }
            comma = i;
        }
    }
    return comma;
}

caustic_result
caustic_loader_interval(caustic_interval_t result, loader_t loader, slong node)
{
    const char * expected = "an interval in quotes, such as \"(0, inf)\" or \"[1/2, 3]\"";
    const char * text;
    size_t first = 0, last, comma;

    TRY(caustic_loader_scalar(loader, node, expected));
    text = caustic_loader_text(loader, node);
    last = loader->tree->nodes[node].length;
    while (last > 0 && strchr(" \t\n", text[last - 1]) != NULL)
    {
        last--;
    }
    while (first < last && strchr(" \t\n", text[first]) != NULL)
    {
        first++;
    }
    if (last < first + 2 || (text[first] != '(' && text[first] != '[') || (text[last - 1] != ')' && text[last - 1] != ']'))
    {
        return FAIL(loader, node, "expected %s, found %s", expected, caustic_loader_found(loader, node));
    }
    comma = interval_comma(text, first + 1, last - 1);
    if (comma == 0)
    {
        return FAIL(loader, node, "expected two ends with one comma between them: %s; found %s", expected,
            caustic_loader_found(loader, node));
    }

    result->lower_closed = text[first] == '[';
    result->upper_closed = text[last - 1] == ']';
    TRY(interval_end(result, loader, node, first + 1, comma - first - 1, 0));
    TRY(interval_end(result, loader, node, comma + 1, last - comma - 2, 1));
    return refuse_inverted(loader, node, result, "the interval");
}

/* One end of a box. */
static caustic_result
pair_end(caustic_interval_t result, loader_t loader, slong node, int upper, int infinite, const char * what)
{
    int sign = 0;

    TRY(expression_scalar(loader, node, "a rational number", what));
    sign = infinity_sign(caustic_loader_text(loader, node));
    if (sign != 0 && !infinite)
    {
        return FAIL(loader, node, "%s needs finite ends; found %s", what, caustic_loader_found(loader, node));
    }
    if (sign != 0 && sign != (upper ? 1 : -1))
    {
        return FAIL(loader, node, "the %s end of %s cannot be %s", upper ? "upper" : "lower", what,
            upper ? "-inf" : "inf");
    }
    *(upper ? &result->upper_infinite : &result->lower_infinite) = sign != 0;
    *(upper ? &result->upper_closed : &result->lower_closed) = sign == 0;
    if (sign == 0)
    {
        TRY(caustic_loader_rational(upper ? result->upper : result->lower, loader, node, what));
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_pair(caustic_interval_t result, loader_t loader, slong node, int infinite, const char * what)
{
    const tree_node * pair = loader->tree->nodes + node;

    if (pair->kind != TREE_SEQUENCE || pair->children != 2)
    {
        return FAIL(loader, node, "expected a pair [lower, upper] for %s, found %s", what,
            caustic_loader_found(loader, node));
    }
    TRY(pair_end(result, loader, pair->first, 0, infinite, what));
    TRY(pair_end(result, loader, loader->tree->nodes[node].last, 1, infinite, what));
    return refuse_inverted(loader, node, result, what);
}

/* Names **************************************************************************************/

static const struct
{
    const char * name;
    const char * reason;
}
reserved_names[] =
{
    {"exp", "a function"}, {"log", "a function"}, {"sqrt", "a function"}, {"sin", "a function"},
    {"cos", "a function"}, {"tan", "a function"}, {"atan", "a function"}, {"sinh", "a function"},
    {"cosh", "a function"}, {"tanh", "a function"}, {"sigmoid", "a function"}, {"softplus", "a function"},
    {"erf", "a function"}, {"abs", "a function"}, {"relu", "a function"}, {"mean", "the mean over the data rows"},
    {"sum", "the sum over the data rows"}, {"pi", "the number 3.14159..."}, {"inf", "the end of an unbounded interval"},
    {"nu", "the viscosity"}, {"none", "the claim that there is no shock"}, {"u", "the solution"},
    {"v", "its gradient"}, {"t", "the smoothing time"}
};

caustic_result
caustic_name_check(const char * name, const char * role, int column, const char * file, slong line, slong at,
    caustic_error_t error)
{
    char quoted[96];
    size_t length = 0;
    size_t i;

    caustic_quote(quoted, sizeof(quoted), name);
    while (is_letter(name[length]) || (length > 0 && is_digit(name[length])))
    {
        length++;
    }
    if (length == 0 || name[length] != 0)
    {
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, file, line, at,
            "'%s' cannot be the name of %s; expected a letter, then letters and digits%s", quoted, role,
            strchr(name, '_') != NULL ? " (the underscore is kept for derivatives such as u_z)" : "");
    }
    if (length > CAUSTIC_NAME_LENGTH)
    {
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, file, line, at,
            "the name '%s' of %s is longer than %d characters, the limit", quoted, role, CAUSTIC_NAME_LENGTH);
    }
    for (i = 0; i < sizeof(reserved_names) / sizeof(reserved_names[0]); i++)
    {
        /* Only what an expression could mean by itself is out of reach for a data column. */
        int single = strcmp(name, "u") == 0 || strcmp(name, "v") == 0 || strcmp(name, "t") == 0;

        if (strcmp(name, reserved_names[i].name) == 0 && !(column && single))
        {
            return caustic_error_set(error, CAUSTIC_BAD_INPUT, file, line, at,
                "'%s' cannot be the name of %s: it stands for %s; choose another name", name, role,
                reserved_names[i].reason);
        }
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_name(loader_t loader, slong node, const char * role, int column)
{
    const tree_node * found = loader->tree->nodes + node;

    if (found->kind != TREE_SCALAR || found->length == 0)
    {
        return FAIL(loader, node, "expected a name for %s, found %s", role, caustic_loader_found(loader, node));
    }
    return caustic_name_check(caustic_loader_text(loader, node), role, column, loader->file, found->line,
        found->column, loader->error);
}

void
caustic_loader_declare(loader_t loader, const char * name, const char * role, const char * file, slong line,
    slong column)
{
    declaration * entry;

    if (loader->declared_length == loader->declared_capacity)
    {
        loader->declared_capacity = loader->declared_capacity == 0 ? 16 : 2 * loader->declared_capacity;
        loader->declared = flint_realloc(loader->declared, (size_t) loader->declared_capacity * sizeof(declaration));
    }
    entry = loader->declared + loader->declared_length;
    entry->name = name;
    entry->role = role;
    entry->file = file;
    entry->line = line;
    entry->column = column;
    entry->order = loader->declared_length;
    loader->declared_length++;
}

static int
compare_declarations(const void * a, const void * b)
{
    const declaration * first = a;
    const declaration * second = b;
    int order = strcmp(first->name, second->name);

    return order != 0 ? order : (first->order > second->order) - (first->order < second->order);
}

caustic_result
caustic_loader_distinct(loader_t loader)
{
    const declaration * duplicate = NULL;
    slong i;

    if (loader->declared_length == 0)
    {
        return CAUSTIC_OK;
    }
    qsort(loader->declared, (size_t) loader->declared_length, sizeof(declaration), compare_declarations);
    for (i = 1; i < loader->declared_length; i++)
    {
        const declaration * here = loader->declared + i;

        if (strcmp(here[0].name, here[-1].name) == 0 && (duplicate == NULL || here->order < duplicate->order))
        {
            duplicate = here;
        }
    }
    if (duplicate == NULL)
    {
        return CAUSTIC_OK;
    }
    if (duplicate[-1].file != NULL)
    {
        return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, duplicate[0].file, duplicate[0].line,
            duplicate[0].column, "the name '%s' of %s is taken by %s", duplicate[0].name, duplicate[0].role,
            duplicate[-1].role);
    }
    return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT,
        duplicate[0].file != NULL ? duplicate[0].file : loader->file, duplicate[0].line, duplicate[0].column,
        "the name '%s' of %s is taken by %s (line " WORD_FMT "d, column " WORD_FMT "d); choose another",
        duplicate[0].name, duplicate[0].role, duplicate[-1].role, duplicate[-1].line, duplicate[-1].column);
}

/* Lists of names ****************************************************************************/

/* FNV-1a. */
static ulong
name_hash(const char * name, size_t length)
{
    ulong hash = 2166136261u;
    size_t i;

    for (i = 0; i < length; i++)
    {
        hash = ((hash ^ (unsigned char) name[i]) * 16777619u) & 0xFFFFFFFFu;
    }
    return hash;
}

/* The slot that holds the name, or the free one where it would go. */
static slong
name_slot(const name_list * list, const char * name, size_t length)
{
    slong slot = (slong) (name_hash(name, length) % (ulong) list->slots_length);

    while (list->slots[slot] != 0)
    {
        const char * other = list->names[list->slots[slot] - 1].name;

        if (strlen(other) == length && memcmp(other, name, length) == 0)
        {
            break;
        }
        slot = (slot + 1) % list->slots_length;
    }
    return slot;
}

slong
caustic_names_find(const name_list * list, const char * name, size_t length)
{
    return list->length == 0 ? -1 : list->slots[name_slot(list, name, length)] - 1;
}

static void
grow_names(name_list * list)
{
    slong i;

    list->capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
    list->names = flint_realloc(list->names, (size_t) list->capacity * sizeof(caustic_name));
    flint_free(list->slots);
    list->slots_length = 2 * list->capacity;
    list->slots = flint_calloc((size_t) list->slots_length, sizeof(slong));
    for (i = 0; i < list->length; i++)
    {
        slong slot = name_slot(list, list->names[i].name, strlen(list->names[i].name));

        if (list->slots[slot] == 0)
        {
            list->slots[slot] = i + 1;
        }
    }
}

/* Of equal names the first is found; the case is refused before that matters. */
void
caustic_names_add(name_list * list, const char * name, caustic_expr value)
{
    slong slot;

    if (list->length == list->capacity)
    {
        grow_names(list);
    }
    slot = name_slot(list, name, strlen(name));
    list->names[list->length].name = name;
    list->names[list->length].value = value;
    list->length++;
    if (list->slots[slot] == 0)
    {
        list->slots[slot] = list->length;
    }
}

void
caustic_names_clear(name_list * list)
{
    flint_free(list->names);
    flint_free(list->slots);
}

int
caustic_loader_find_name(slong * line, slong * column, const loader_t loader, slong node, const char * name)
{
    const char * text = caustic_loader_text(loader, node);
    size_t i = 0;

    *line = loader->tree->nodes[node].line;
    *column = loader->tree->nodes[node].column;
    while (text[i] != 0)
    {
        size_t length = 0;

        while (is_letter(text[i + length]) || (length > 0 && (is_digit(text[i + length]) || text[i + length] == '_')))
        {
            length++;
        }
        if (length == strlen(name) && memcmp(text + i, name, length) == 0)
        {
            caustic_tree_locate(line, column, loader->tree, node, i);
            return 1;
        }
        i += length > 0 ? length : 1;
    }
    return 0;
}
