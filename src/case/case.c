/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <caustic/architectures.h>
#include "case_internal.h"

static const char * const command_names[CAUSTIC_COMMANDS] = {"derive", "audit", "verify", "shock", "table", "sweep"};

const char *
caustic_command_name(caustic_command command)
{
    return (unsigned) command < CAUSTIC_COMMANDS ? command_names[command] : "unknown";
}

/* Life of a case *****************************************************************************/

static void
case_init(caustic_case_struct * result, const char * file)
{
    fmpz_t ten;

    memset(result, 0, sizeof(caustic_case_struct));
    result->pool = caustic_pool_new();
    result->file = caustic_string_copy(file);
    caustic_setting_init(result->setting, result->pool);
    caustic_interval_init(result->verify.time);
    fmpq_init(result->verify.tolerance);
    fmpz_init_set_ui(ten, 10);
    fmpz_one(fmpq_numref(result->verify.tolerance));
    fmpz_pow_ui(fmpq_denref(result->verify.tolerance), ten, 30);
    fmpz_clear(ten);
    result->shock.digits = 30;
    result->shock.scope = CAUSTIC_SCOPE_GLOBAL;
}

static void
clear_box(caustic_interval_struct * box, slong length)
{
    slong i;

    if (box != NULL)
    {
        for (i = 0; i < length; i++)
        {
            caustic_interval_clear(box + i);
        }
        flint_free(box);
    }
}

static void
clear_numbers(fmpq * numbers, slong length)
{
    slong i;

    if (numbers != NULL)
    {
        for (i = 0; i < length; i++)
        {
            fmpq_clear(numbers + i);
        }
        flint_free(numbers);
    }
}

static void
clear_parameters_on(caustic_parameter_on * parameters, slong length)
{
    slong i;

    for (i = 0; i < length; i++)
    {
        flint_free(parameters[i].name);
        caustic_interval_clear(parameters[i].interval);
    }
    flint_free(parameters);
}

static void
clear_claims(caustic_claims_block * claims)
{
    flint_free(claims->cometric);
    flint_free(claims->drift);
    flint_free(claims->burgers_left);
    flint_free(claims->burgers_right);
    flint_free(claims->shock_time_text);
    flint_free(claims->shock_at);
    flint_free(claims->no_shock_iff_text);
    flint_free(claims->monotone);
}

void
caustic_case_clear(caustic_case_t result)
{
    slong d = result->setting->coordinates;

    clear_box(result->verify.box, d);
    clear_box(result->shock.box, d);
    clear_numbers(result->verify.viscosity, result->verify.viscosities);
    clear_numbers(result->shock.from, d);
    clear_numbers(result->shock.point, result->shock.points * d);
    clear_numbers(result->shock.viscosity, result->shock.viscosities);
    clear_numbers(result->shock.profile, result->shock.profiles);
    clear_numbers(result->shock.peak, 1);
    clear_numbers(result->shock.time, result->shock.times);
    caustic_interval_clear(result->verify.time);
    fmpq_clear(result->verify.tolerance);
    clear_claims(&result->claims);
    if (result->family != NULL)
    {
        caustic_case_clear(result->family);
        flint_free(result->family);
    }
    flint_free(result->no_family);
    clear_parameters_on(result->parameter_on, result->parameters_on);
    flint_free(result->file);
    flint_free(result->name);
    flint_free(result->title);
    flint_free(result->architecture);
    flint_free(result->preset);
    flint_free(result->data_text);
    flint_free(result->words);
    flint_free(result->normal_form_kind);
    flint_free(result->normal_form_map);
    flint_free(result->optimiser_metric);
    flint_free(result->audit.length);
    flint_free(result->audit.value);
    for (slong i = 0; i < result->arrays; i++)
    {
        flint_free((char *) result->array[i].name);
        caustic_tensor_clear(&result->array[i].value);
    }
    flint_free(result->array);
    caustic_setting_clear(result->setting);
    caustic_pool_free(result->pool);
    memset(result, 0, sizeof(caustic_case_struct));
}

/* Life of a loader ***************************************************************************/

static void
loader_init(loader_t loader, caustic_case_struct * result, const char * file, caustic_error_struct * error)
{
    memset(loader, 0, sizeof(loader_struct));
    loader->result = result;
    loader->error = error;
    loader->file = file;
    caustic_tree_init(loader->tree);
    caustic_text_init(loader->data_source);
}

static void
loader_clear(loader_t loader)
{
    slong i;

    for (i = 0; i < loader->data.columns; i++)
    {
        flint_free(loader->data.names[i]);
    }
    flint_free(loader->data.names);
    flint_free(loader->data.entries);
    flint_free(loader->data_path);
    flint_free(loader->declared);
    caustic_names_clear(&loader->constants);
    caustic_names_clear(&loader->parameters);
    caustic_names_clear(&loader->coordinates);
    caustic_names_clear(&loader->everything);
    for (i = 0; i < loader->names_length; i++)
    {
        caustic_tensor_clear(&loader->names[i].value);
    }
    flint_free(loader->names);
    caustic_text_clear(loader->data_source);
    caustic_tree_clear(loader->tree);
}

/* The whole file *****************************************************************************/

/* Letters, digits and hyphens: the name ends up in tables, file names and web addresses. */
static caustic_result
read_name(loader_t loader, slong node)
{
    static const char * const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const char * text;

    TRY(caustic_loader_scalar(loader, node, "the name of the case"));
    text = caustic_loader_text(loader, node);
    if (text[strspn(text, allowed)] != 0)
    {
        return FAIL(loader, node, "the name of a case has letters, digits and hyphens only; found %s",
            caustic_loader_found(loader, node));
    }
    if (loader->tree->nodes[node].length > CAUSTIC_NAME_LENGTH)
    {
        return FAIL(loader, node, "the name of the case is longer than %d characters, the limit", CAUSTIC_NAME_LENGTH);
    }
    loader->result->name = caustic_string_copy(text);
    return CAUSTIC_OK;
}

static caustic_result
read_title(loader_t loader, slong node)
{
    if (node < 0)
    {
        return CAUSTIC_OK;
    }
    TRY(caustic_loader_scalar(loader, node, "a title"));
    for (const char * c = caustic_loader_text(loader, node); *c != '\0'; c++)
    {
        if (((unsigned char) *c < ' ' && *c != '\t') || *c == 0x7f)
        {
            return FAIL(loader, node, "a title is one line of text; found the control character U+%04X in it", (unsigned) *c);
        }
    }
    loader->result->title = caustic_string_copy(caustic_loader_text(loader, node));
    return CAUSTIC_OK;
}

/* The architecture as written; else that of the preset; else custom. */
static caustic_result
read_architecture(loader_t loader, slong node)
{
    static const char * const words[] = {"mlp", "cnn", "transformer", "meanfield", "custom"};
    caustic_case_struct * result = loader->result;
    const char * architecture = "custom";
    slong word;

    if (node >= 0)
    {
        TRY(caustic_loader_word(&word, loader, node, words, 5));
        architecture = words[word];
    }
    else if (result->preset != NULL && caustic_preset_architecture(result->preset) != NULL)
    {
        architecture = caustic_preset_architecture(result->preset);
    }
    result->architecture = caustic_string_copy(architecture);
    return CAUSTIC_OK;
}

static caustic_result
load(loader_t loader, const char * text, size_t length)
{
    if (length > CAUSTIC_CASE_BYTES)
    {
        return caustic_error_set(loader->error, CAUSTIC_BAD_INPUT, loader->file, 0, 0,
            "the case file is larger than %d bytes (1 MiB), the limit", CAUSTIC_CASE_BYTES);
    }
    TRY(caustic_source_check(text, length, loader->file, loader->error));
    TRY(caustic_tree_read(loader->tree, text, length, loader->file, loader->error));
    TRY(caustic_loader_block(loader->top, loader, 0, BLOCK_CASE));
    TRY(caustic_loader_required(loader, 0, BLOCK_CASE, loader->top, CASE_NAME));
    TRY(read_name(loader, loader->top[CASE_NAME]));
    TRY(read_title(loader, loader->top[CASE_TITLE]));
    TRY(caustic_loader_constants(loader));
    TRY(caustic_loader_parameters_on(loader));
    TRY(caustic_loader_reduction(loader));
    TRY(read_architecture(loader, loader->top[CASE_ARCHITECTURE]));
    TRY(caustic_loader_normal_form(loader));
    TRY(caustic_loader_loss(loader));
    TRY(caustic_loader_optimiser(loader));
    TRY(caustic_loader_audit(loader));
    TRY(caustic_loader_verify(loader));
    TRY(caustic_loader_shock(loader));
    TRY(caustic_loader_claims(loader));
    return caustic_loader_expect(loader);
}

/* Reads the case once more, with its parameters_on as symbols. That this cannot be is no mistake of the file: a
   box may depend on them. */
static void
read_family(caustic_case_struct * result, const char * text, size_t length)
{
    slong parameters = result->parameters_on, i;
    caustic_constant_as * as = flint_calloc((size_t) parameters, sizeof(caustic_constant_as));
    caustic_error_t error;

    caustic_error_init(error);
    for (i = 0; i < parameters; i++)
    {
        as[i].name = result->parameter_on[i].name;
        as[i].range = result->parameter_on[i].interval;
    }
    result->family = flint_malloc(sizeof(caustic_case_struct));
    if (caustic_case_read_text_as(result->family, text, length, result->file, as, parameters, error) != CAUSTIC_OK)
    {
        caustic_case_clear(result->family);
        flint_free(result->family);
        result->family = NULL;
        result->no_family = caustic_string_copy(error->message);
    }
    caustic_error_clear(error);
    flint_free(as);
}

caustic_result
caustic_case_read_text_as(caustic_case_t result, const char * text, size_t length, const char * file,
    const caustic_constant_as * constants, slong constants_length, caustic_error_t error)
{
    loader_t loader;
    caustic_result status;

    case_init(result, file);
    loader_init(loader, result, file, error);
    loader->as = constants;
    loader->as_length = constants_length;
    status = load(loader, text, length);
    if (loader->data_path != NULL)
    {
        result->data_text = caustic_string_copy(loader->data_source->data);
    }
    loader_clear(loader);
    if (status == CAUSTIC_OK && constants_length == 0 && result->parameters_on > 0)
    {
        read_family(result, text, length);
    }
    return status;
}

caustic_result
caustic_case_read_text(caustic_case_t result, const char * text, size_t length, const char * file,
    caustic_error_t error)
{
    return caustic_case_read_text_as(result, text, length, file, NULL, 0, error);
}

caustic_result
caustic_case_source(caustic_text_t out, const char * file, caustic_error_t error)
{
    return caustic_source_read(out, file, "case file", error);
}

caustic_result
caustic_case_read(caustic_case_t result, const char * file, caustic_error_t error)
{
    caustic_text_t source;
    caustic_result status;

    caustic_text_init(source);
    status = caustic_case_source(source, file, error);
    if (status == CAUSTIC_OK)
    {
        status = caustic_case_read_text(result, source->data, source->length, file, error);
    }
    else
    {
        case_init(result, file);
    }
    caustic_text_clear(source);
    return status;
}
