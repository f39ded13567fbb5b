/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Many values of constants, on all threads, and what was computed kept in a store.
*/

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <flint/fmpq_vec.h>
#include "cli.h"
#include "store.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define AXES 4
#define POINTS_LIMIT 10000000
/* A commit waits for the disk; so long is lost at most. */
#define COMMIT_SECONDS 0.5

/* --over name=from:to:count, both ends among the values */
typedef struct
{
    char * name;
    fmpq_t from;
    fmpq_t to;
    slong count;
    caustic_interval_t range;
}
axis_struct;

typedef struct
{
    const cli_options * options;
    axis_struct axis[AXES];
    slong axes;
    slong points;
    caustic_case_t problem;
    caustic_text_t source;
    caustic_constant_as as[AXES];
    char ** row;               /* of each point; NULL while not computed */
    slong next;                /* the next point to take */
    slong finished;
    slong * fresh;             /* computed and not yet in the store */
    slong fresh_length;
    int stop;
    int skipped;               /* the case lacks what the command needs */
    pthread_mutex_t lock;
    pthread_cond_t progress;
}
sweep_struct;

/* The grid ***********************************************************************************/

static int
wrong_axis(const char * text, const char * why)
{
    cli_message("--over takes a constant and its values, such as y=1:3:100 (from, to, how many) or y=2; found '%s': %s", text, why);
    return EXIT_USAGE;
}

static int
read_number(fmpq_t value, const char * text)
{
    caustic_error_t error;
    int good;

    caustic_error_init(error);
    good = caustic_parse_fmpq(value, text, NULL, error) == CAUSTIC_OK;
    caustic_error_clear(error);
    return good;
}

/* Splits at ':' in place; the number of parts, or 4. */
static int
split(char ** part, char * text)
{
    int parts = 0;

    for (char * colon = text; colon != NULL && parts < 3; text = colon + 1)
    {
        part[parts++] = text;
        colon = strchr(text, ':');
        if (colon == NULL)
            return parts;
        *colon = '\0';
    }
    return 4;
}

static int
read_axis(axis_struct * axis, const char * text)
{
    char * copy = caustic_string_copy(text), * equals = strchr(copy, '='), * part[3], * end = NULL;
    const char * why = NULL;
    int parts = 0;

    fmpq_init(axis->from);
    fmpq_init(axis->to);
    caustic_interval_init(axis->range);
    axis->name = NULL;
    axis->count = 1;
    if (equals == NULL || equals == copy)
        why = "there is no '=' after a name";
    else
    {
        *equals = '\0';
        axis->name = caustic_string_copy(copy);
        parts = split(part, equals + 1);
        if (parts == 2 || parts > 3)
            why = "one value, or three parts between colons";
        else if (!read_number(axis->from, part[0]) || !read_number(axis->to, part[parts == 3 ? 1 : 0]))
            why = "the values are numbers such as 1/2 or 0.05";
        else if (parts == 3)
        {
            errno = 0;
            axis->count = strtol(part[2], &end, 10);
            if (errno != 0 || end == part[2] || *end != '\0' || axis->count < 2 || axis->count > POINTS_LIMIT)
                why = "how many is an integer from 2 to 10000000";
            else if (fmpq_cmp(axis->from, axis->to) >= 0)
                why = "the first value is less than the last";
        }
    }
    fmpq_set(axis->range->lower, axis->from);
    fmpq_set(axis->range->upper, axis->to);
    axis->range->lower_infinite = axis->range->upper_infinite = 0;
    axis->range->lower_closed = axis->range->upper_closed = 1;
    flint_free(copy);
    return why == NULL ? 0 : wrong_axis(text, why);
}

static int
read_grid(sweep_struct * sweep)
{
    const cli_options * options = sweep->options;
    int status = 0;

    if (options->over_length == 0)
    {
        cli_message("a sweep needs --over, such as --over y=1:3:100");
        return EXIT_USAGE;
    }
    sweep->points = 1;
    for (int i = 0; i < options->over_length && status == 0; i++)
    {
        axis_struct * axis = sweep->axis + sweep->axes++;

        status = read_axis(axis, options->over[i]);
        for (slong j = 0; j < sweep->axes - 1 && status == 0; j++)
            if (strcmp(sweep->axis[j].name, axis->name) == 0)
                status = wrong_axis(options->over[i], "this constant stands there twice");
        if (status == 0 && axis->count > POINTS_LIMIT / sweep->points)
            status = wrong_axis(options->over[i], "the grid has more than 10000000 points");
        if (status == 0)
            sweep->points *= axis->count;
    }
    return status;
}

static void
set_value(fmpq_t value, const axis_struct * axis, slong i)
{
    fmpq_set(value, axis->from);
    if (axis->count > 1)
    {
        fmpq_t step, part;

        fmpq_init(step);
        fmpq_init(part);
        fmpq_sub(step, axis->to, axis->from);
        fmpq_set_si(part, i, (ulong) (axis->count - 1));
        fmpq_mul(step, step, part);
        fmpq_add(value, value, step);
        fmpq_clear(step);
        fmpq_clear(part);
    }
}

/* The first constant changes slowest. */
static void
set_point(fmpq * value, const sweep_struct * sweep, slong point)
{
    for (slong k = sweep->axes - 1; k >= 0; k--)
    {
        set_value(value + k, sweep->axis + k, point % sweep->axis[k].count);
        point /= sweep->axis[k].count;
    }
}

/* {"y": "1/2", ...} */
static json_t *
json_point(const sweep_struct * sweep, slong point)
{
    fmpq * value = _fmpq_vec_init(AXES);
    json_t * of = json_object();

    set_point(value, sweep, point);
    for (slong k = 0; k < sweep->axes; k++)
    {
        char * text = fmpq_get_str(NULL, 10, value + k);

        json_object_set_new(of, sweep->axis[k].name, json_string(text));
        flint_free(text);
    }
    _fmpq_vec_clear(value, AXES);
    return of;
}

/* The point's name in the store, whatever the order of the constants and the grid. */
static char *
point_key(const sweep_struct * sweep, slong point)
{
    json_t * of = json_point(sweep, point);
    char * key = json_dumps(of, JSON_COMPACT | JSON_SORT_KEYS);

    json_decref(of);
    return key;
}

/* Computing **********************************************************************************/

static char *
compute_row(caustic_sweep * values, const sweep_struct * sweep, slong point)
{
    fmpq * value = _fmpq_vec_init(AXES);
    char * text = NULL;
    json_t * row;

    set_point(value, sweep, point);
    row = caustic_sweep_value(values, value);
    if (row != NULL)
    {
        text = json_dumps(row, JSON_COMPACT | JSON_PRESERVE_ORDER);
        json_decref(row);
    }
    _fmpq_vec_clear(value, AXES);
    return text;
}

/* Expressions grow with the values, and passes over them with the pool. */
#define VALUES_A_POOL 100

static void *
worker(void * argument)
{
    sweep_struct * sweep = argument;
    caustic_sweep * values = NULL;
    slong served = 0;

    pthread_mutex_lock(&sweep->lock);
    while (!sweep->stop)
    {
        slong point;
        char * row;

        while (sweep->next < sweep->points && sweep->row[sweep->next] != NULL)
            sweep->next++;
        if (sweep->next >= sweep->points)
            break;
        point = sweep->next++;
        pthread_mutex_unlock(&sweep->lock);

        if (values != NULL && served % VALUES_A_POOL == 0)
        {
            caustic_sweep_free(values);
            values = NULL;
        }
        if (values == NULL)
            values = caustic_sweep_new(sweep->source->data, sweep->source->length, sweep->problem->file, sweep->as, sweep->axes,
                sweep->options->sweep_command, &sweep->options->run);
        served++;
        row = compute_row(values, sweep, point);

        pthread_mutex_lock(&sweep->lock);
        if (sweep->stop && row != NULL) /* what comes after the time limit may find nobody who waits for it */
            flint_free(row);
        else if (row == NULL)
            sweep->stop = sweep->skipped = 1;
        else
        {
            sweep->row[point] = row;
            sweep->fresh[sweep->fresh_length++] = point;
            sweep->finished++;
        }
        pthread_cond_signal(&sweep->progress);
    }
    pthread_mutex_unlock(&sweep->lock);

    if (values != NULL)
        caustic_sweep_free(values);
    flint_cleanup();
    return NULL;
}

/* Puts what is fresh; the lock is not held while the disk works. 0, or the exit status. */
static int
keep_fresh(sweep_struct * sweep, store_struct * store)
{
    slong length, * points, i;
    int status = 0;

    pthread_mutex_lock(&sweep->lock);
    length = sweep->fresh_length;
    points = flint_malloc(((size_t) length + 1) * sizeof(slong));
    memcpy(points, sweep->fresh, (size_t) length * sizeof(slong));
    sweep->fresh_length = 0;
    pthread_mutex_unlock(&sweep->lock);

    if (store != NULL && length > 0)
    {
        status = store_begin(store);
        for (i = 0; i < length && status == 0; i++)
        {
            char * key = point_key(sweep, points[i]);

            status = store_put(store, key, sweep->row[points[i]]);
            flint_free(key);
        }
        status = status != 0 ? status : store_commit(store);
    }
    flint_free(points);
    return status;
}

static void
wait_a_while(sweep_struct * sweep, double seconds)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t) floor(seconds);
    until.tv_nsec += (long) (1e9 * (seconds - floor(seconds)));
    if (until.tv_nsec >= 1000000000)
    {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&sweep->lock);
    while (sweep->finished < sweep->points && !sweep->stop
        && pthread_cond_timedwait(&sweep->progress, &sweep->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&sweep->lock);
}

/* Ends when all is computed and kept, when the store fails, or at the time limit. */
static int
watch(sweep_struct * sweep, store_struct * store)
{
    struct timespec start;
    int status = 0, done = 0, stop;

    clock_gettime(CLOCK_MONOTONIC, &start);
    while (!done && status == 0)
    {
        wait_a_while(sweep, FLINT_MIN(COMMIT_SECONDS, sweep->options->time_limit));
        pthread_mutex_lock(&sweep->lock);
        sweep->stop = sweep->stop || cli_seconds_since(&start) > sweep->options->time_limit;
        stop = sweep->stop;
        done = stop || sweep->finished == sweep->points;
        cli_show_progress(sweep->options, sweep->finished, sweep->points, sweep->problem->name);
        pthread_mutex_unlock(&sweep->lock);
        status = keep_fresh(sweep, store);
    }
    pthread_mutex_lock(&sweep->lock);
    sweep->stop = 1;
    pthread_mutex_unlock(&sweep->lock);
    return status;
}

static int
compute_all(sweep_struct * sweep, store_struct * store)
{
    long threads = FLINT_MAX(1, FLINT_MIN(sweep->options->threads, sweep->points - sweep->finished)), started = 0;
    pthread_t * others = flint_malloc((size_t) threads * sizeof(pthread_t));
    pthread_condattr_t attributes;
    int status, late;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sweep->progress, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&sweep->lock, NULL);
    while (started < threads && pthread_create(others + started, NULL, worker, sweep) == 0)
        started++;
    if (started == 0)
    {
        cli_message("no thread could be started: %s", strerror(errno));
        flint_free(others);
        return EXIT_BUG;
    }
    status = watch(sweep, store);
    /* beyond the time limit a value may take for ever; the end of the process ends it */
    late = sweep->finished < sweep->points && !sweep->skipped && status == 0;
    for (long i = 0; i < started && !late; i++)
        pthread_join(others[i], NULL);
    flint_free(others);
    return status;
}

/* The store **********************************************************************************/

/* All that a row depends on. */
static void
print_identity(caustic_text_t out, const sweep_struct * sweep)
{
    const cli_options * options = sweep->options;
    char * tolerance = fmpq_get_str(NULL, 10, options->run.tolerance);

    caustic_text_printf(out, "caustic %s, FLINT %s\ncommand %s\ndigits %ld\nprecision-limit %ld\ntolerance %s\ncase %lu\n", PACKAGE_VERSION, flint_version,
        caustic_command_name(options->sweep_command), (long) options->run.digits, (long) options->run.precision_limit, tolerance,
        (unsigned long) sweep->source->length);
    flint_free(tolerance);
    caustic_text_append_length(out, sweep->source->data, sweep->source->length);
    if (sweep->problem->data_text != NULL)
        caustic_text_append(out, sweep->problem->data_text);
}

static void
take_from_store(sweep_struct * sweep, store_struct * store)
{
    for (slong i = 0; i < sweep->points; i++)
    {
        char * key = point_key(sweep, i);

        sweep->row[i] = store_get(store, key);
        sweep->finished += sweep->row[i] != NULL;
        flint_free(key);
    }
    if (!sweep->options->quiet && sweep->finished > 0)
        cli_message("%ld of %ld values were in the store", (long) sweep->finished, (long) sweep->points);
}

/* Writing ************************************************************************************/

static json_t *
json_row(const sweep_struct * sweep, slong point)
{
    json_t * row = json_object(), * rest;

    json_object_set_new(row, "of", json_point(sweep, point));
    rest = sweep->row[point] == NULL ? NULL : json_loads(sweep->row[point], 0, NULL);
    if (rest == NULL)
        rest = json_pack("{s:s, s:s}", "verdict", "UNDECIDED", "detail", "not reached within the time limit of the sweep");
    json_object_update(row, rest);
    json_decref(rest);
    return row;
}

static json_t *
json_over(const sweep_struct * sweep)
{
    json_t * over = json_array();

    for (slong k = 0; k < sweep->axes; k++)
    {
        char * from = fmpq_get_str(NULL, 10, sweep->axis[k].from), * to = fmpq_get_str(NULL, 10, sweep->axis[k].to);

        json_array_append_new(over, json_pack("{s:s, s:s, s:s, s:I}", "name", sweep->axis[k].name, "from", from, "to", to,
            "count", (json_int_t) sweep->axis[k].count));
        flint_free(from);
        flint_free(to);
    }
    return over;
}

static int
write_sweep(const sweep_struct * sweep)
{
    json_t * values = json_array(), * records = json_array();
    caustic_verdict verdict;
    int status;

    for (slong i = 0; i < sweep->points; i++)
        json_array_append_new(values, json_row(sweep, i));
    json_array_append_new(records, caustic_report_sweep(sweep->problem, json_over(sweep), values));
    verdict = caustic_report_outcome(json_array_get(records, 0));
    status = cli_write_records(sweep->options, records, CAUSTIC_COMMAND_SWEEP);
    json_decref(records);
    return status != 0 ? status : verdict == CAUSTIC_PROVED ? EXIT_ALL_PROVED : verdict == CAUSTIC_REFUTED ? EXIT_REFUTED : EXIT_UNDECIDED;
}

/* All ****************************************************************************************/

static int
load_case(sweep_struct * sweep)
{
    const char * file = sweep->options->paths[0];
    fmpq * value = _fmpq_vec_init(AXES);
    caustic_constant_as first[AXES];
    caustic_error_t error;
    caustic_result result;
    caustic_text_t text;

    caustic_error_init(error);
    caustic_text_init(text);
    set_point(value, sweep, 0);
    for (slong k = 0; k < sweep->axes; k++)
    {
        sweep->as[k] = first[k] = (caustic_constant_as) {sweep->axis[k].name, NULL, sweep->axis[k].range};
        first[k].value = value + k;
    }
    result = caustic_case_source(sweep->source, file, error);
    /* with the first value of each, and as it is: a mistake should not come out 10,000 times */
    if (result == CAUSTIC_OK)
        result = caustic_case_read_text(sweep->problem, sweep->source->data, sweep->source->length, file, error);
    if (result == CAUSTIC_OK)
    {
        caustic_case_t trial;

        result = caustic_case_read_text_as(trial, sweep->source->data, sweep->source->length, file, first, sweep->axes, error);
        caustic_case_clear(trial);
    }
    if (result != CAUSTIC_OK)
    {
        caustic_error_print(text, error);
        cli_message("%s", text->data);
    }
    _fmpq_vec_clear(value, AXES);
    caustic_error_clear(error);
    caustic_text_clear(text);
    return result == CAUSTIC_OK ? 0 : exit_status_of(result);
}

static int
check_places(const cli_options * options)
{
    const char * store = options->store, * paths[3] = {options->paths[0], options->output, options->junit};

    for (int i = 0; i < 3 && store != NULL; i++)
        if (paths[i] != NULL && cli_would_replace(paths[i], store))
        {
            cli_message("--store and another file are the same, %s", store);
            return EXIT_USAGE;
        }
    if (cli_replaces_case(options, options->paths[0]))
        return EXIT_USAGE;
    return cli_try_writing(options->output) != 0 || cli_try_writing(options->junit) != 0 ? EXIT_INPUT_OUTPUT : 0;
}

static int
open_and_compute(sweep_struct * sweep)
{
    store_struct * store = NULL;
    caustic_text_t identity;
    int status = 0;

    caustic_text_init(identity);
    print_identity(identity, sweep);
    if (sweep->options->store != NULL)
        store = store_open(sweep->options->store, identity, &status);
    if (store != NULL)
        take_from_store(sweep, store);
    if (status == 0 && sweep->finished < sweep->points)
        status = compute_all(sweep, store);
    if (store != NULL)
        store_close(store);
    caustic_text_clear(identity);
    if (status == 0 && sweep->skipped)
    {
        cli_message("nothing to do: '%s' needs a block that the case lacks", caustic_command_name(sweep->options->sweep_command));
        status = EXIT_USAGE;
    }
    return status;
}

static void
sweep_clear(sweep_struct * sweep)
{
    for (slong k = 0; k < sweep->axes; k++)
    {
        fmpq_clear(sweep->axis[k].from);
        fmpq_clear(sweep->axis[k].to);
        caustic_interval_clear(sweep->axis[k].range);
        flint_free(sweep->axis[k].name);
    }
    for (slong i = 0; i < sweep->points && sweep->row != NULL; i++)
        flint_free(sweep->row[i]);
    flint_free(sweep->row);
    flint_free(sweep->fresh);
    caustic_text_clear(sweep->source);
}

static int
run_sweep(const cli_options * options)
{
    sweep_struct sweep;
    int status, read = 0;

    memset(&sweep, 0, sizeof(sweep));
    sweep.options = options;
    caustic_text_init(sweep.source);
    status = read_grid(&sweep);
    if (status == 0 && options->paths_length != 1)
    {
        cli_message("a sweep takes one case");
        status = EXIT_USAGE;
    }
    status = status != 0 ? status : check_places(options);
    if (status == 0)
    {
        read = 1;
        status = load_case(&sweep);
    }
    if (status == 0)
    {
        sweep.row = flint_calloc((size_t) sweep.points, sizeof(char *));
        sweep.fresh = flint_malloc((size_t) sweep.points * sizeof(slong));
        status = open_and_compute(&sweep);
        if (status == 0)
            status = write_sweep(&sweep);
        if (sweep.finished < sweep.points)
        {
            /* threads may still read what would be freed now */
            fflush(NULL);
            _exit(status);
        }
    }
    if (read)
        caustic_case_clear(sweep.problem);
    sweep_clear(&sweep);
    return status;
}

const cli_command sweep_command =
{
    CAUSTIC_COMMAND_SWEEP,
    NULL,
    "a command for many values of constants",
    NULL,
    run_sweep
};
