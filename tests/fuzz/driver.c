/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    A main function for the fuzz targets where there is no libFuzzer: replays the files and those in
    the directories named, then changes and splices them for some seconds. As one test it speaks TAP.

        fuzz_X [--seconds N] [PATH...]

    Without a PATH it starts from the target's own corpus, seen from the top of the sources. The
    seconds are 60 in a build with sanitizers, where faults show, else 3, or CAUSTIC_FUZZ_SECONDS.
    The seed comes from the clock, so that each run tries other inputs, or from CAUSTIC_TEST_SEED; it
    is printed. An input at which it fails, or that takes longer than 5 seconds of processor time
    (25 with sanitizers), is printed as an argument for printf(1).
*/

#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <flint/flint.h>
#include "fuzz.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { INPUT_LIMIT = 8192, SECONDS_PER_INPUT = SANITIZED ? 25 : 5 };

typedef struct
{
    uint8_t * data;
    size_t size;
}
input_struct;

typedef struct
{
    input_struct * entries;
    size_t length;
}
corpus_struct;

static uint64_t state;

/* splitmix64 */
static uint64_t
random_bits(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t
random_below(size_t n)
{
    return n == 0 ? 0 : (size_t) (random_bits() % n);
}

static void *
allocate(void * old, size_t size)
{
    void * result = realloc(old, size == 0 ? 1 : size);

    if (result == NULL)
    {
        fprintf(stderr, "out of memory\n");
        exit(71);
    }
    return result;
}

static void
corpus_add(corpus_struct * corpus, const uint8_t * data, size_t size)
{
    input_struct * entry;

    corpus->entries = allocate(corpus->entries, (corpus->length + 1) * sizeof(input_struct));
    entry = corpus->entries + corpus->length++;
    entry->data = allocate(NULL, size);
    entry->size = size;
    memcpy(entry->data, data, size);
}

static void
corpus_clear(corpus_struct * corpus)
{
    for (size_t i = 0; i < corpus->length; i++)
        free(corpus->entries[i].data);
    free(corpus->entries);
}

static void
read_file(corpus_struct * corpus, const char * path)
{
    static uint8_t buffer[INPUT_LIMIT];
    FILE * stream = fopen(path, "rb");
    size_t size;

    if (stream == NULL)
    {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(74);
    }
    size = fread(buffer, 1, sizeof(buffer), stream);
    fclose(stream);
    corpus_add(corpus, buffer, size);
}

/* Directories one level deep, in the order of their names so that a seed means the same each time. */
static void
read_path(corpus_struct * corpus, const char * path)
{
    struct dirent ** entries;
    struct stat status;
    int length;

    if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
    {
        read_file(corpus, path);
        return;
    }

    length = scandir(path, &entries, NULL, alphasort);
    if (length < 0)
    {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(74);
    }
    for (int i = 0; i < length; i++)
    {
        char name[4096];

        snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        if (stat(name, &status) == 0 && S_ISREG(status.st_mode))
            read_file(corpus, name);
        free(entries[i]);
    }
    free(entries);
}

/* Lines of the form "token" or name="token", with \" \\ and \xHH, as libFuzzer reads them. */
static void
read_dictionary(corpus_struct * words, const char * path)
{
    char line[512];
    FILE * stream = fopen(path, "r");

    if (stream == NULL)
    {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(74);
    }
    while (fgets(line, sizeof(line), stream) != NULL)
    {
        char * end = strrchr(line, '"'), * start = strchr(line, '"');
        uint8_t word[512];
        size_t size = 0;

        if (line[0] == '#' || start == NULL || end == start)
            continue;
        for (char * c = start + 1; c < end; c++)
        {
            unsigned value;

            if (c[0] == '\\' && c[1] == 'x' && sscanf(c + 2, "%2x", &value) == 1)
            {
                word[size++] = (uint8_t) value;
                c += 3;
            }
            else
            {
                if (c[0] == '\\')
                    c++;
                word[size++] = (uint8_t) *c;
            }
        }
        corpus_add(words, word, size);
    }
    fclose(stream);
}

/* Replaces `cut` bytes at `at` by `size` bytes of data, as far as they fit. */
static size_t
splice(uint8_t * buffer, size_t length, size_t at, size_t cut, const uint8_t * data, size_t size)
{
    if (cut > length - at)
        cut = length - at;
    if (length - cut + size > INPUT_LIMIT)
        return length;
    memmove(buffer + at + size, buffer + at + cut, length - at - cut);
    memcpy(buffer + at, data, size);
    return length - cut + size;
}

static size_t
change(uint8_t * buffer, size_t length, const corpus_struct * corpus, const corpus_struct * words)
{
    size_t at = random_below(length + 1);
    uint8_t byte = (uint8_t) random_bits();
    const input_struct * other;
    uint8_t copy[256];
    size_t size;

    switch (random_below(7))
    {
        case 0:
            if (at < length)
                buffer[at] ^= (uint8_t) (1u << random_below(8));
            return length;
        case 1:
            return splice(buffer, length, at, 0, &byte, 1);
        case 2:
            return splice(buffer, length, at, 1 + random_below(16), &byte, 0);
        case 3: /* a piece of another input */
            other = corpus->entries + random_below(corpus->length);
            size = 1 + random_below(64);
            if (other->size < size)
                return length;
            return splice(buffer, length, at, random_below(32), other->data + random_below(other->size - size + 1), size);
        case 4: /* a piece of itself, several times */
            size = 1 + random_below(16);
            if (at + size > length)
                return length;
            memcpy(copy, buffer + at, size);
            for (size_t i = random_below(8); i > 0; i--)
                length = splice(buffer, length, at, 0, copy, size);
            return length;
        default:
            if (words->length == 0)
                return length;
            other = words->entries + random_below(words->length);
            return splice(buffer, length, at, random_below(2) * random_below(8), other->data, other->size);
    }
}

/* The input being tried, for those who are called when something went wrong. */
static const uint8_t * tried_data;
static size_t tried_size;

/* Only write(2): it may be called in the middle of anything. */
static void
show_input(void)
{
    char text[1024];
    size_t length = 0;
    static const char start[] = "the input: printf '", end[] = "'\n";

    if (write(STDERR_FILENO, start, sizeof(start) - 1) < 0)
        return;
    for (size_t i = 0; i < tried_size; i++)
    {
        uint8_t byte = tried_data[i];

        if (byte >= 0x20 && byte < 0x7f && byte != '\'' && byte != '\\' && byte != '%')
        {
            text[length++] = (char) byte;
        }
        else
        {
            text[length++] = '\\';
            text[length++] = (char) ('0' + (byte >> 6));
            text[length++] = (char) ('0' + ((byte >> 3) & 7));
            text[length++] = (char) ('0' + (byte & 7));
        }
        if (length > sizeof(text) - 8 || i + 1 == tried_size)
        {
            if (write(STDERR_FILENO, text, length) < 0)
                return;
            length = 0;
        }
    }
    if (write(STDERR_FILENO, end, sizeof(end) - 1) < 0)
        return;
}

static void
stop(int signal_number)
{
    static const char message[] = "this took too long\n";

    if (signal_number == SIGPROF && write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
        _exit(70);
    show_input();
    _exit(70);
}

#ifdef CAUSTIC_COVERAGE
void __gcov_dump(void);
#endif

/* Writes the counts of the lines that were run: those that a changed input runs are not tested. */
static void
end_counting(void)
{
#ifdef CAUSTIC_COVERAGE
    __gcov_dump();
#endif
}

/* Sanitizers end the program on their own; where they are linked in, this is their hook. */
void __sanitizer_set_death_callback(void (* callback)(void)) __attribute__((weak));

static void
watch(void)
{
    signal(SIGPROF, stop);
    signal(SIGABRT, stop);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(show_input);
    if (!SANITIZED)
    {
        signal(SIGSEGV, stop);
        signal(SIGFPE, stop);
        signal(SIGBUS, stop);
    }
}

static void
set_timer(long seconds)
{
    struct itimerval timer = {{0, 0}, {seconds, 0}};

    setitimer(ITIMER_PROF, &timer, NULL);
}

static void
try_input(const uint8_t * data, size_t size)
{
    /* A block of exactly that size, so that a sanitizer sees reads beyond it. */
    uint8_t * exact = allocate(NULL, size);

    memcpy(exact, data, size);
    tried_data = exact;
    tried_size = size;
    if (getenv("CAUSTIC_TEST_SLOW") == NULL)
        set_timer(SECONDS_PER_INPUT);
    (void) LLVMFuzzerTestOneInput(exact, size);
    set_timer(0);
    tried_size = 0;
    free(exact);
}

static unsigned long
number_of(const char * text)
{
    char * end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text == 0 || *end != 0)
    {
        fprintf(stderr, "'%s' is not a number\n", text);
        exit(64);
    }
    return value;
}

static unsigned long
number_from_environment(const char * name, unsigned long otherwise)
{
    const char * text = getenv(name);

    return text == NULL || *text == 0 ? otherwise : number_of(text);
}

int
main(int argc, char ** argv)
{
    static uint8_t buffer[INPUT_LIMIT];
    corpus_struct corpus = {NULL, 0}, words = {NULL, 0};
    unsigned long seconds = number_from_environment("CAUSTIC_FUZZ_SECONDS", SANITIZED ? 60 : 3);
    unsigned long seed = number_from_environment("CAUSTIC_TEST_SEED", (unsigned long) time(NULL));
    unsigned long replayed, changed = 0;
    time_t end;

    for (int i = 1; i < argc; i++)
    {
        if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            seconds = number_of(argv[++i]);
        else
            read_path(&corpus, argv[i]);
    }
    if (corpus.length == 0)
        for (int i = 0; fuzz_corpus[i] != NULL; i++)
            read_path(&corpus, fuzz_corpus[i]);
    read_dictionary(&words, fuzz_dictionary);
    if (corpus.length == 0 || words.length == 0)
    {
        fprintf(stderr, "no input or no words to begin with\n");
        return 74;
    }

    printf("1..1\n# note: CAUSTIC_TEST_SEED=%lu\n", seed);
    fflush(stdout);
    watch();
    state = seed;
    replayed = corpus.length;
    for (size_t i = 0; i < corpus.length; i++)
        try_input(corpus.entries[i].data, corpus.entries[i].size);
    end_counting();

    end = time(NULL) + (time_t) seconds;
    while (time(NULL) < end)
    {
        const input_struct * entry = corpus.entries + random_below(corpus.length);
        size_t length = entry->size;

        memcpy(buffer, entry->data, length);
        for (size_t i = 1 + random_below(6); i > 0; i--)
            length = change(buffer, length, &corpus, &words);
        try_input(buffer, length);
        changed++;
    }

    printf("# note: %lu inputs replayed, %lu changed ones tried in %lu s\n", replayed, changed, seconds);
    printf("ok 1 - nothing crashed, leaked, hung or broke a promise\n");
    corpus_clear(&corpus);
    corpus_clear(&words);
    flint_cleanup_master();
    return 0;
}
