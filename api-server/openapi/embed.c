/*
 * embed.c - the YAML files beside this one, put into the program by the assembler.
 */
#include "api-server/openapi/parts.h"

#define EMBED(name)                                                                                            \
    extern const char openapi_##name[], openapi_##name##_end[];                                                \
    __asm__(".section .rodata\n.global openapi_" #name "\n.global openapi_" #name "_end\nopenapi_" #name ":\n" \
            ".incbin \"api-server/openapi/" #name ".yaml\"\nopenapi_" #name "_end:\n.byte 0\n.previous\n")
#define PART(name, per_noun)                                                                                \
    {                                                                                                       \
#name ".yaml", rse_str_n(openapi_##name, (size_t)(openapi_##name##_end - openapi_##name)), per_noun \
    }

EMBED(base);
EMBED(nouns);
EMBED(fleet);
EMBED(jobs);
EMBED(safety);
EMBED(access);
EMBED(examples);

bool openapi_part(size_t index, struct openapi_part *out)
{
    const struct openapi_part parts[] = {
        PART(base, false),   PART(nouns, true),   PART(fleet, false),    PART(jobs, false),
        PART(safety, false), PART(access, false), PART(examples, false),
    };

    if (index >= RSE_COUNT(parts))
        return false;
    *out = parts[index];
    return true;
}
