# libresedge: the library that every program shares, as .a and .so, with headers and resedge.pc.

LIB_OBJECTS := $(call objects-in,$(addprefix libresedge/src/,base model fleet template plan client))
LIB_PACKAGES := libcjson libcurl openssl yaml-0.1 zlib
OBJECTS += $(LIB_OBJECTS)

$(BUILD)/libresedge.a: $(LIB_OBJECTS)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $(LIB_OBJECTS)

$(BUILD)/libresedge.so: $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(LINK) -shared -Wl,-soname,libresedge.so.$(ABI) $(if $(SANITIZE),,-Wl$(comma)-z$(comma)defs) -o $@ $(LIB_OBJECTS) $(ALL_LDFLAGS) $(call pkg,libs,$(LIB_PACKAGES)) -lm
	ln -sf libresedge.so $(BUILD)/libresedge.so.$(ABI)
