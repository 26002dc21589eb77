/*
 * folder.c - where a cluster's folder is in the repository.
 */
#include <openssl/sha.h>

#include "resedge/plan.h"

void rse_cluster_folder(enum rse_folder_pattern pattern, struct rse_str name, struct rse_buf *out)
{
    unsigned char digest[SHA_DIGEST_LENGTH];

    rse_buf_adds(out, "clusters/");
    if (pattern == RSE_FOLDER_SHARDED) {
        SHA1((const unsigned char *)name.p, name.len, digest);
        rse_buf_addc(out, "0123456789abcdef"[digest[0] >> 4]);
        rse_buf_addc(out, "0123456789abcdef"[digest[0] & 15]);
        rse_buf_addc(out, '/');
    }
    rse_buf_add_str(out, name);
}
