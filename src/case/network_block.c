/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Networks as they are: arrays of parameters, forward steps, an objective. What comes out is a loss in
    the parameters, as if it had been written out.
*/

#include <string.h>
#include "case_internal.h"

#define NETWORK_NAMES 1000 /* arrays and steps */

/* Shapes *************************************************************************************/

static caustic_result
read_shape(caustic_tensor_struct * array, loader_t loader, slong list)
{
    slong shape[CAUSTIC_TENSOR_RANK], rank = 0, node;

    if (list < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_sequence(loader, list, "a list of up to four integers for the shape, such as [2, 3]"));
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        if (rank == CAUSTIC_TENSOR_RANK)
        {
            return FAIL(loader, node, "arrays have up to %d axes", CAUSTIC_TENSOR_RANK);
        }
        TRY(caustic_loader_integer(shape + rank++, loader, node, 1, CAUSTIC_PARAMETER_LIMIT, "a side of the shape"));
    }
    if (!caustic_tensor_allocate(array, rank, shape, 0) || array->entries > CAUSTIC_PARAMETER_LIMIT)
    {
        return FAIL(loader, list, "an array of parameters has up to %d entries, the limit of parameters", CAUSTIC_PARAMETER_LIMIT);
    }
    return CAUSTIC_OK;
}

static caustic_result
network_name(loader_t loader, slong node, const char * role)
{
    TRY(caustic_loader_name(loader, node, role, 0));
    if (caustic_network_is_function(caustic_loader_text(loader, node)))
    {
        return FAIL(loader, node, "'%s' cannot be the name of %s: it stands for a function; choose another name",
            caustic_loader_text(loader, node), role);
    }
    return CAUSTIC_OK;
}

/* A new entry of the list of names, a scalar without a value. */
static caustic_network_name *
add_name(loader_t loader, slong node)
{
    caustic_network_name * name = loader->names + loader->names_length++;

    name->name = caustic_loader_text(loader, node);
    caustic_tensor_init(&name->value);
    return name;
}

static slong
entries_of(const loader_t loader, slong list)
{
    return list < 0 ? 0 : loader->tree->nodes[list].children;
}

static caustic_result
read_arrays(loader_t loader, slong list)
{
    slong node, value[SCHEMA_KEYS];

    TRY(caustic_loader_sequence(loader, list, "a list of arrays {name, shape, domain}"));
    if (entries_of(loader, list) == 0 && loader->shaped)
    {
        return FAIL(loader, list, "expected a list of arrays {name, shape, domain}, found an empty list");
    }
    for (node = loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        caustic_network_name * array;

        TRY(caustic_loader_block(value, loader, node, BLOCK_ARRAY));
        TRY(caustic_loader_required(loader, node, BLOCK_ARRAY, value, ARRAY_NAME));
        TRY(network_name(loader, value[ARRAY_NAME], "an array of parameters"));
        array = add_name(loader, value[ARRAY_NAME]);
        TRY(read_shape(&array->value, loader, value[ARRAY_SHAPE]));
        loader->shaped_parameters += array->value.entries;
        if (!loader->shaped && value[ARRAY_DOMAIN] >= 0)
        {
            return FAIL(loader, value[ARRAY_DOMAIN], "the entries of this array are parameters of the case, which has their domains;"
                " leave out this key");
        }
        if (loader->shaped_parameters > CAUSTIC_PARAMETER_LIMIT)
        {
            return FAIL(loader, node, "the arrays up to here have more than %d entries, the limit of parameters", CAUSTIC_PARAMETER_LIMIT);
        }
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_network_shapes(loader_t loader)
{
    slong node = loader->top[CASE_NETWORK];
    slong * key = loader->network;
    slong names;

    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_block(key, loader, node, BLOCK_NETWORK));
    TRY(caustic_loader_required(loader, node, BLOCK_NETWORK, key, NETWORK_OBJECTIVE));
    if (key[NETWORK_FORWARD] >= 0)
    {
        TRY(caustic_loader_sequence(loader, key[NETWORK_FORWARD], "a list of steps {name, is}"));
    }
    loader->shaped = loader->top[CASE_PRESET] < 0 && loader->top[CASE_PARAMETERS] < 0;
    names = entries_of(loader, key[NETWORK_PARAMETERS]) + entries_of(loader, key[NETWORK_FORWARD]);
    if (names > NETWORK_NAMES)
    {
        return FAIL(loader, node, "the network has " WORD_FMT "d arrays and steps; the limit is %d", names, NETWORK_NAMES);
    }
    loader->names = flint_malloc((size_t) (names + 1) * sizeof(caustic_network_name));
    if (key[NETWORK_PARAMETERS] < 0 && loader->shaped)
    {
        return FAIL(loader, node, "the key 'parameters' of network is missing; expected arrays {name, shape, domain}, or a preset, or"
            " parameters of the case");
    }
    return key[NETWORK_PARAMETERS] < 0 ? CAUSTIC_OK : read_arrays(loader, key[NETWORK_PARAMETERS]);
}

/* Parameters *********************************************************************************/

/* The symbols of one array, with the domain that all share. */
static caustic_result
declare_array(loader_t loader, caustic_network_name * array, slong first, slong name_node, slong domain_node)
{
    caustic_setting_struct * setting = loader->result->setting;
    const tree_node * at = loader->tree->nodes + name_node;
    caustic_interval_t domain;
    caustic_text_t name;
    caustic_result result = CAUSTIC_OK;

    caustic_interval_init(domain);
    caustic_text_init(name);
    if (domain_node >= 0)
    {
        result = caustic_loader_interval(domain, loader, domain_node);
    }
    for (slong i = 0; i < array->value.entries && result == CAUSTIC_OK; i++)
    {
        caustic_expr symbol;

        caustic_text_reset(name);
        caustic_tensor_entry_name(name, array->name, &array->value, i);
        result = caustic_name_check(name->data, "a parameter", 0, loader->file, at->line, at->column, loader->error);
        symbol = caustic_symbol(setting->pool, name->data);
        if (caustic_interval_is_positive(domain))
        {
            caustic_symbol_assume_positive(setting->pool, symbol);
        }
        setting->parameter[first + i] = array->value.entry[i] = symbol;
        caustic_interval_set(setting->parameter_domain + first + i, domain);
        caustic_loader_declare(loader, caustic_expr_name(setting->pool, symbol), "a parameter", NULL, at->line, at->column);
    }
    caustic_interval_clear(domain);
    caustic_text_clear(name);
    return result;
}

caustic_result
caustic_loader_network_parameters(loader_t loader)
{
    slong node = loader->tree->nodes[loader->network[NETWORK_PARAMETERS]].first;
    slong first = 0;

    for (slong k = 0; node >= 0; k++, node = loader->tree->nodes[node].next)
    {
        slong value[SCHEMA_KEYS];

        TRY(caustic_loader_block(value, loader, node, BLOCK_ARRAY));
        TRY(declare_array(loader, loader->names + k, first, value[ARRAY_NAME], value[ARRAY_DOMAIN]));
        first += loader->names[k].value.entries;
    }
    return CAUSTIC_OK;
}

/* The entries of an array among the case's parameters, which bear their names. */
static caustic_result
find_entries(loader_t loader, caustic_network_name * array, slong name_node)
{
    const caustic_setting_struct * setting = loader->result->setting;
    caustic_text_t name;
    caustic_result result = CAUSTIC_OK;

    caustic_text_init(name);
    for (slong i = 0; i < array->value.entries && result == CAUSTIC_OK; i++)
    {
        slong index;

        caustic_text_reset(name);
        caustic_tensor_entry_name(name, array->name, &array->value, i);
        index = caustic_names_find(&loader->parameters, name->data, name->length);
        if (index < loader->constants.length) /* the constants stand first */
        {
            result = FAIL(loader, name_node, "the entry '%s' of this array is no parameter of the case; they are called %s, ..., %s",
                name->data, caustic_expr_name(setting->pool, setting->parameter[0]),
                caustic_expr_name(setting->pool, setting->parameter[setting->parameters - 1]));
        }
        else
        {
            array->value.entry[i] = loader->parameters.names[index].value;
        }
    }
    caustic_text_clear(name);
    return result;
}

static void
declare_name(loader_t loader, slong node, const char * role)
{
    caustic_loader_declare(loader, caustic_loader_text(loader, node), role, NULL, loader->tree->nodes[node].line,
        loader->tree->nodes[node].column);
}

/* The arrays outlive the loader: their symmetries are looked for. */
static void
keep_arrays(loader_t loader)
{
    caustic_case_struct * result = loader->result;

    result->network = 1;
    result->array = flint_malloc((size_t) (loader->names_length + 1) * sizeof(caustic_network_name));
    for (; result->arrays < loader->names_length; result->arrays++)
    {
        caustic_network_name * copy = result->array + result->arrays;

        copy->name = caustic_string_copy(loader->names[result->arrays].name);
        caustic_tensor_init(&copy->value);
        caustic_tensor_set(&copy->value, &loader->names[result->arrays].value);
    }
}

caustic_result
caustic_loader_network_names(loader_t loader)
{
    slong list, node, value[SCHEMA_KEYS];

    if (loader->top[CASE_NETWORK] < 0)
    {
        return CAUSTIC_OK;
    }
    if (loader->result->setting->copies > 1 || loader->result->setting->spheres > 0)
    {
        return FAIL(loader, loader->top[CASE_NETWORK], "the preset is too large to be written out, so there are no parameters that a"
            " network could be written in; leave out the network, or make the preset smaller");
    }
    list = loader->network[NETWORK_PARAMETERS];
    node = list < 0 ? -1 : loader->tree->nodes[list].first;
    for (slong k = 0; node >= 0; k++, node = loader->tree->nodes[node].next)
    {
        TRY(caustic_loader_block(value, loader, node, BLOCK_ARRAY));
        if (!loader->shaped)
        {
            TRY(find_entries(loader, loader->names + k, value[ARRAY_NAME]));
        }
        if (loader->names[k].value.rank > 0)
        {
            declare_name(loader, value[ARRAY_NAME], "an array of parameters");
        }
    }
    keep_arrays(loader);
    list = loader->network[NETWORK_FORWARD];
    for (node = list < 0 ? -1 : loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        TRY(caustic_loader_block(value, loader, node, BLOCK_STEP));
        TRY(caustic_loader_required(loader, node, BLOCK_STEP, value, STEP_NAME));
        TRY(caustic_loader_required(loader, node, BLOCK_STEP, value, STEP_IS));
        TRY(network_name(loader, value[STEP_NAME], "a step of the network"));
        declare_name(loader, value[STEP_NAME], "a step of the network");
    }
    return CAUSTIC_OK;
}

/* The loss ***********************************************************************************/

/* Constants and parameters. */
static caustic_expr
find_scalar(const void * list, const char * name, size_t length)
{
    const name_list * names = list;
    slong index = caustic_names_find(names, name, length);

    return index < 0 ? CAUSTIC_NONE : names->names[index].value;
}

/* The nodes of e written out as a tree: steps that use a step twice double it. */
static double
written_nodes(const caustic_pool * pool, caustic_expr e)
{
    double * size = flint_calloc((size_t) e + 1, sizeof(double));
    double result;

    for (caustic_expr h = 1; h <= e; h++)
    {
        size[h] = 1;
        for (slong i = 0; i < caustic_expr_arity(pool, h); i++)
        {
            size[h] += size[caustic_expr_child(pool, h, i)];
        }
    }
    result = size[e];
    flint_free(size);
    return result;
}

static caustic_result
take_objective(loader_t loader, slong node, const caustic_tensor_struct * objective)
{
    caustic_setting_struct * setting = loader->result->setting;
    caustic_expr loss = objective->entry[0];

    if (objective->rank > 0)
    {
        return FAIL(loader, node, "the objective is an array, expected a number; total(...) adds the entries");
    }
    if (objective->rows > 0)
    {
        return FAIL(loader, node, "the objective has a value for each data row, expected one number; take mean(...) or sum(...) of it");
    }
    if (written_nodes(setting->pool, loss) > CAUSTIC_EXPRESSION_NODES)
    {
        return FAIL(loader, node, "the loss of this network, written out, has more than %d nodes, the limit", CAUSTIC_EXPRESSION_NODES);
    }
    setting->loss = loss;
    return CAUSTIC_OK;
}

caustic_result
caustic_loader_network(loader_t loader)
{
    caustic_network_scope scope = {NULL, 0, find_scalar, &loader->parameters, loader->has_data ? &loader->data : NULL, 0};
    slong list = loader->network[NETWORK_FORWARD], node, value[SCHEMA_KEYS];
    caustic_tensor_t objective;
    caustic_result result;

    for (node = list < 0 ? -1 : loader->tree->nodes[list].first; node >= 0; node = loader->tree->nodes[node].next)
    {
        caustic_network_name * step;

        TRY(caustic_loader_block(value, loader, node, BLOCK_STEP));
        scope.names = loader->names;
        scope.length = loader->names_length;
        step = add_name(loader, value[STEP_NAME]);
        TRY(caustic_loader_forward(&step->value, loader, value[STEP_IS], &scope, "a step of the network"));
    }
    scope.names = loader->names;
    scope.length = loader->names_length;
    caustic_tensor_init(objective);
    result = caustic_loader_forward(objective, loader, loader->network[NETWORK_OBJECTIVE], &scope, "the objective");
    if (result == CAUSTIC_OK)
    {
        result = take_objective(loader, loader->network[NETWORK_OBJECTIVE], objective);
    }
    caustic_tensor_clear(objective);
    return result;
}
