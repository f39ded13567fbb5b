/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    From libyaml's events to a tree in arrays. Nothing here recurses: the open containers stand on
    a stack of CAUSTIC_YAML_DEPTH entries.
*/

#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "case_internal.h"

void
caustic_tree_init(tree_t tree)
{
    memset(tree, 0, sizeof(tree_struct));
    caustic_text_init(tree->bytes);
}

void
caustic_tree_clear(tree_t tree)
{
    flint_free(tree->nodes);
    caustic_text_clear(tree->bytes);
    memset(tree, 0, sizeof(tree_struct));
}

/* Building ***********************************************************************************/

/* Where the reading stands: the containers that are open. */
typedef struct
{
    tree_struct * tree;
    const char * file;
    caustic_error_struct * error;
    slong open[CAUSTIC_YAML_DEPTH];
    slong depth;
}
tree_builder;

static slong
event_line(const yaml_event_t * event)
{
    return (slong) event->start_mark.line + 1;
}

static slong
event_column(const yaml_event_t * event)
{
    return (slong) event->start_mark.column + 1;
}

#define FAIL_EVENT(builder, event, ...) \
    caustic_error_set((builder)->error, CAUSTIC_BAD_INPUT, (builder)->file, event_line(event), \
        event_column(event), __VA_ARGS__)

static slong
add_node(tree_builder * builder, tree_kind kind, const yaml_event_t * event)
{
    tree_struct * tree = builder->tree;
    tree_node * node;
    slong index = tree->length;

    if (tree->length == tree->capacity)
    {
        tree->capacity = tree->capacity == 0 ? 64 : 2 * tree->capacity;
        tree->nodes = flint_realloc(tree->nodes, (size_t) tree->capacity * sizeof(tree_node));
    }
    tree->length++;
    node = tree->nodes + index;
    memset(node, 0, sizeof(tree_node));
    node->kind = kind;
    node->line = event_line(event);
    node->column = event_column(event);
    node->first = -1;
    node->last = -1;
    node->next = -1;

    if (builder->depth > 0)
    {
        tree_node * parent = tree->nodes + builder->open[builder->depth - 1];

        if (parent->first < 0)
        {
            parent->first = index;
        }
        else
        {
            tree->nodes[parent->last].next = index;
        }
        parent->last = index;
        parent->children++;
    }

    return index;
}

/* Whether the node that an event is about to start would be a mapping's key. */
static int
key_expected(const tree_builder * builder)
{
    const tree_node * parent;

    if (builder->depth == 0)
    {
        return 0;
    }
    parent = builder->tree->nodes + builder->open[builder->depth - 1];
    return parent->kind == TREE_MAPPING && parent->children % 2 == 0;
}

/* An anchor could be named by an alias and a tag changes the meaning of what it marks; an exact
   reading has no use for either. */
static caustic_result
refuse_properties(tree_builder * builder, const yaml_event_t * event, const yaml_char_t * anchor,
    const yaml_char_t * tag)
{
    if (anchor != NULL)
    {
        return FAIL_EVENT(builder, event, "an anchor (&) is not accepted in a case file; write the value out, or put a text with & in quotes");
    }
    if (tag != NULL)
    {
        return FAIL_EVENT(builder, event, "a tag (!) is not accepted in a case file; leave it out, or put a text with ! in quotes");
    }
    return CAUSTIC_OK;
}

static tree_style
scalar_style(const yaml_event_t * event)
{
    switch (event->data.scalar.style)
    {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE:
            return TREE_SINGLE_QUOTED;
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
            return TREE_DOUBLE_QUOTED;
        case YAML_LITERAL_SCALAR_STYLE:
            return TREE_LITERAL;
        case YAML_FOLDED_SCALAR_STYLE:
            return TREE_FOLDED;
        default:
            return TREE_PLAIN;
    }
}

static caustic_result
add_scalar(tree_builder * builder, const yaml_event_t * event)
{
    const char * value = (const char *) event->data.scalar.value;
    size_t length = event->data.scalar.length;
    tree_node * node;
    slong index;
    size_t quotes;

    TRY(refuse_properties(builder, event, event->data.scalar.anchor, event->data.scalar.tag));
    if (memchr(value, 0, length) != NULL)
    {
        return FAIL_EVENT(builder, event, "a NUL character (\\0) cannot stand in a case file");
    }
    if (key_expected(builder) && strcmp(value, "<<") == 0)
    {
        return FAIL_EVENT(builder, event, "a merge key (<<) is not accepted in a case file; write the keys out");
    }

    index = add_node(builder, TREE_SCALAR, event);
    node = builder->tree->nodes + index;
    node->style = scalar_style(event);
    quotes = (node->style == TREE_SINGLE_QUOTED || node->style == TREE_DOUBLE_QUOTED) ? 2 : 0;
    node->verbatim = event->start_mark.line == event->end_mark.line
        && event->end_mark.column - event->start_mark.column == length + quotes;
    node->text = builder->tree->bytes->length;
    node->length = length;
    caustic_text_append_length(builder->tree->bytes, value, length);
    caustic_text_append_length(builder->tree->bytes, "", 1);
    return CAUSTIC_OK;
}

static caustic_result
open_container(tree_builder * builder, tree_kind kind, const yaml_event_t * event,
    const yaml_char_t * anchor, const yaml_char_t * tag)
{
    slong node;

    TRY(refuse_properties(builder, event, anchor, tag));
    if (key_expected(builder))
    {
        return FAIL_EVENT(builder, event, "%s as a key; expected a word as a key",
            kind == TREE_MAPPING ? "found a mapping" : "found a list");
    }
    if (builder->depth == CAUSTIC_YAML_DEPTH)
    {
        return FAIL_EVENT(builder, event, "lists and mappings are nested deeper than %d levels, the limit", CAUSTIC_YAML_DEPTH);
    }
    node = add_node(builder, kind, event);
    builder->open[builder->depth++] = node;
    return CAUSTIC_OK;
}

/* Duplicate keys *****************************************************************************/

typedef struct
{
    const char * text;
    slong node;
}
key_position;

static int
compare_keys(const void * a, const void * b)
{
    const key_position * first = a;
    const key_position * second = b;
    int order = strcmp(first->text, second->text);

    return order != 0 ? order : (first->node > second->node) - (first->node < second->node);
}

/* By sorting, so that 100,000 keys take no longer than reading them. Of several duplicates the one
   that comes first in the file is reported. */
static caustic_result
refuse_duplicates(tree_builder * builder, slong mapping)
{
    tree_struct * tree = builder->tree;
    slong length = tree->nodes[mapping].children / 2;
    key_position * keys;
    slong i, node, duplicate = -1, original = -1;
    caustic_result result = CAUSTIC_OK;

    if (length < 2)
    {
        return CAUSTIC_OK;
    }

    keys = flint_malloc((size_t) length * sizeof(key_position));
    node = tree->nodes[mapping].first;
    for (i = 0; i < length; i++)
    {
        keys[i].text = tree->bytes->data + tree->nodes[node].text;
        keys[i].node = node;
        node = tree->nodes[tree->nodes[node].next].next;
    }
    qsort(keys, (size_t) length, sizeof(key_position), compare_keys);
    for (i = 1; i < length; i++)
    {
        if (strcmp(keys[i].text, keys[i - 1].text) == 0 && (duplicate < 0 || keys[i].node < duplicate))
        {
            duplicate = keys[i].node;
            original = keys[i - 1].node;
        }
    }
    if (duplicate >= 0)
    {
        char quoted[96];

        caustic_quote(quoted, sizeof(quoted), tree->bytes->data + tree->nodes[duplicate].text);
        result = caustic_error_set(builder->error, CAUSTIC_BAD_INPUT, builder->file,
            tree->nodes[duplicate].line, tree->nodes[duplicate].column,
            "the key '%s' stands here a second time; the first is at line " WORD_FMT "d, column " WORD_FMT "d",
            quoted, tree->nodes[original].line, tree->nodes[original].column);
    }
    flint_free(keys);
    return result;
}

/* Events *************************************************************************************/

static caustic_result
take_event(tree_builder * builder, const yaml_event_t * event)
{
    switch (event->type)
    {
        case YAML_DOCUMENT_START_EVENT:
            if (builder->tree->length > 0)
            {
                return FAIL_EVENT(builder, event, "a second document starts here; a case file holds one");
            }
            return CAUSTIC_OK;
        case YAML_ALIAS_EVENT:
            return FAIL_EVENT(builder, event, "an alias (*) is not accepted in a case file; write the value out, or put a text with * in quotes");
        case YAML_SCALAR_EVENT:
            return add_scalar(builder, event);
        case YAML_SEQUENCE_START_EVENT:
            return open_container(builder, TREE_SEQUENCE, event, event->data.sequence_start.anchor,
                event->data.sequence_start.tag);
        case YAML_MAPPING_START_EVENT:
            return open_container(builder, TREE_MAPPING, event, event->data.mapping_start.anchor,
                event->data.mapping_start.tag);
        case YAML_SEQUENCE_END_EVENT:
            builder->depth--;
            return CAUSTIC_OK;
        case YAML_MAPPING_END_EVENT:
            builder->depth--;
            return refuse_duplicates(builder, builder->open[builder->depth]);
        default:
            return CAUSTIC_OK;
    }
}

/* What libyaml says in its own words, at the place it names. */
static caustic_result
report_parser(tree_builder * builder, const yaml_parser_t * parser)
{
    const char * problem = parser->problem != NULL ? parser->problem : "it cannot be read";
    slong line = (slong) parser->problem_mark.line + 1;
    slong column = (slong) parser->problem_mark.column + 1;

    if (parser->error == YAML_MEMORY_ERROR)
    {
        return caustic_error_set(builder->error, CAUSTIC_NO_RESOURCES, builder->file, 0, 0, "out of memory");
    }
    if (parser->context != NULL)
    {
        return caustic_error_set(builder->error, CAUSTIC_BAD_INPUT, builder->file, line, column,
            "not valid YAML: %s (%s at line " WORD_FMT "d)", problem, parser->context,
            (slong) parser->context_mark.line + 1);
    }
    return caustic_error_set(builder->error, CAUSTIC_BAD_INPUT, builder->file, line, column,
        "not valid YAML: %s", problem);
}

static caustic_result
read_events(tree_builder * builder, yaml_parser_t * parser)
{
    int done = 0;

    while (!done)
    {
        yaml_event_t event;
        caustic_result result;

        if (!yaml_parser_parse(parser, &event))
        {
            return report_parser(builder, parser);
        }
        done = event.type == YAML_STREAM_END_EVENT;
        result = take_event(builder, &event);
        yaml_event_delete(&event);
        TRY(result);
    }

    return CAUSTIC_OK;
}

/* Before libyaml sees them: it compares each with all that came before. */
static caustic_result
refuse_tag_directives(const char * source, size_t length, const char * file, caustic_error_t error)
{
    slong line = 1;
    size_t i;

    for (i = 0; i < length; i++)
    {
        if ((i == 0 || source[i - 1] == '\n' || source[i - 1] == '\r') && length - i >= 4
            && memcmp(source + i, "%TAG", 4) == 0)
        {
            return caustic_error_set(error, CAUSTIC_BAD_INPUT, file, line, 1,
                "a %%TAG directive is not accepted in a case file");
        }
        line += source[i] == '\n' || (source[i] == '\r' && !(i + 1 < length && source[i + 1] == '\n'));
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_tree_read(tree_t tree, const char * source, size_t length, const char * file, caustic_error_t error)
{
    tree_builder builder;
    yaml_parser_t parser;
    caustic_result result;

    /* A byte order mark says nothing that is not known: the text is UTF-8. */
    if (length >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0)
    {
        source += 3;
        length -= 3;
    }
    tree->source = source;
    tree->source_length = length;
    TRY(refuse_tag_directives(source, length, file, error));
    builder.tree = tree;
    builder.file = file;
    builder.error = error;
    builder.depth = 0;

    if (!yaml_parser_initialize(&parser))
    {
        return caustic_error_set(error, CAUSTIC_NO_RESOURCES, file, 0, 0, "out of memory");
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *) source, length);
    result = read_events(&builder, &parser);
    yaml_parser_delete(&parser);

    if (result == CAUSTIC_OK && (tree->length == 0
        || (tree->nodes[0].kind == TREE_SCALAR && tree->nodes[0].style == TREE_PLAIN && tree->nodes[0].length == 0)))
    {
        result = caustic_error_set(error, CAUSTIC_BAD_INPUT, file, 1, 1,
            "the file is empty; expected a case: a mapping with at least name and a preset or parameters");
    }
    return result;
}

/* Positions **********************************************************************************/

/* A place in the source, moved character by character. */
typedef struct
{
    const char * at;
    const char * end;
    slong line;
    slong column;
}
cursor;

static int
at_break(const cursor * place)
{
    return place->at < place->end && (*place->at == '\n' || *place->at == '\r');
}

static int
at_blank(const cursor * place)
{
    return place->at < place->end && (*place->at == ' ' || *place->at == '\t');
}

/* One character on; a line break of any kind is one character. */
static void
advance(cursor * place)
{
    if (place->at >= place->end)
    {
        return;
    }
    if (at_break(place))
    {
        if (*place->at == '\r' && place->at + 1 < place->end && place->at[1] == '\n')
        {
            place->at++;
        }
        place->at++;
        place->line++;
        place->column = 1;
        return;
    }
    place->at++;
    while (place->at < place->end && ((unsigned char) *place->at & 0xC0) == 0x80)
    {
        place->at++;
    }
    place->column++;
}

static void
go_to(cursor * place, slong line, slong column)
{
    while (place->at < place->end && (place->line < line || (place->line == line && place->column < column)))
    {
        advance(place);
    }
}

/* The number of source characters and of text bytes of an escape after its backslash. */
static void
escape_size(int * characters, size_t * bytes, const cursor * place)
{
    char c = place->at < place->end ? *place->at : 0;
    char digits[9] = {0};
    unsigned long code;
    size_t i, available = (size_t) (place->end - place->at);

    *characters = c == 'x' ? 3 : c == 'u' ? 5 : c == 'U' ? 9 : 1;
    *bytes = (c == 'N' || c == '_') ? 2 : (c == 'L' || c == 'P') ? 3 : 1;
    if (*characters > 1)
    {
        for (i = 0; i + 1 < (size_t) *characters && i + 1 < available; i++)
        {
            digits[i] = place->at[1 + i];
        }
        code = strtoul(digits, NULL, 16);
        *bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    }
}

/* Walks over blanks, breaks and blanks if a line ends here; gives the bytes that they became. */
static size_t
skip_fold(cursor * place, int * folded)
{
    cursor ahead = *place;
    size_t breaks = 0;

    while (at_blank(&ahead))
    {
        advance(&ahead);
    }
    *folded = at_break(&ahead);
    if (!*folded)
    {
        return 0;
    }
    while (at_break(&ahead) || at_blank(&ahead))
    {
        breaks += at_break(&ahead) ? 1 : 0;
        advance(&ahead);
    }
    *place = ahead;
    return breaks == 1 ? 1 : breaks - 1;
}

/* Flow scalars: the walk undoes what the scanner did, byte by byte of the text. */
static void
locate_flow(cursor * place, tree_style style, size_t offset)
{
    size_t done = 0;

    if (style != TREE_PLAIN)
    {
        advance(place);
    }
    while (done < offset && place->at < place->end)
    {
        int folded;
        size_t made = skip_fold(place, &folded);

        if (folded)
        {
            done += made;
        }
        else if (style == TREE_DOUBLE_QUOTED && *place->at == '\\')
        {
            int characters;
            size_t bytes;

            advance(place);
            if (at_break(place))
            {
                advance(place);
                while (at_blank(place))
                {
                    advance(place);
                }
                continue;
            }
            escape_size(&characters, &bytes, place);
            while (characters-- > 0)
            {
                advance(place);
            }
            done += bytes;
        }
        else
        {
            const char * before = place->at;

            if (style == TREE_SINGLE_QUOTED && *place->at == '\'')
            {
                advance(place);
                before = place->at;
            }
            advance(place);
            done += (size_t) (place->at - before);
        }
    }
}

/* Block scalars: the text's line within the block; exact for literal ones. */
static void
locate_block(cursor * place, const char * text, size_t offset)
{
    slong header = place->line;
    slong line = 1;
    slong column = 1;
    slong indent = 1;
    size_t i;

    for (i = 0; i < offset; i++)
    {
        column++;
        if (text[i] == '\n')
        {
            line++;
            column = 1;
        }
    }
    while (place->at < place->end && place->line == header)
    {
        advance(place);
    }
    go_to(place, header + line, 1);
    while (at_blank(place))
    {
        advance(place);
        indent++;
    }
    place->line = header + line;
    place->column = indent + column - 1;
}

void
caustic_tree_locate(slong * line, slong * column, const tree_struct * tree, slong index, size_t offset)
{
    const tree_node * node = tree->nodes + index;
    cursor place;

    *line = node->line;
    *column = node->column;
    if (node->kind != TREE_SCALAR)
    {
        return;
    }
    if (node->verbatim)
    {
        *column += (slong) offset + (node->style == TREE_PLAIN ? 0 : 1);
        return;
    }

    place.at = tree->source;
    place.end = tree->source + tree->source_length;
    place.line = 1;
    place.column = 1;
    go_to(&place, node->line, node->column);
    if (node->style == TREE_LITERAL || node->style == TREE_FOLDED)
    {
        locate_block(&place, tree->bytes->data + node->text, offset);
    }
    else
    {
        locate_flow(&place, node->style, offset);
    }
    *line = place.line;
    *column = place.column;
}
