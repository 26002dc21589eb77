# resedge: the command line. One file per command in commands/, one row per command in the table.

CLI_OBJECTS := $(call objects-in,cli cli/output cli/commands)
$(eval $(call program,resedge,$(CLI_OBJECTS),libcjson libcurl openssl yaml-0.1 zlib))
