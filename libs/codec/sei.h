/* SEI messages that HEVC and VVC share (H.274): what is said of HDR. Any thread. */
#pragma once

#include <codec/codec.h>
#include <codec/nal.h>

/*
 * Fills in of HDR what the messages of NAL say: the mastering display and the light levels. NAL is a
 * prefix SEI unit with its two-byte header. What it does not say stays.
 */
void mg_sei_read_hdr(const MgNal *nal, MgCodecHdr *hdr);
