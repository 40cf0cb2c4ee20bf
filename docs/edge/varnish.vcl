# Varnish as an edge: whatever many viewers ask for at a time costs the server one request, and all of them get
# it as it comes. For HLS, LL-HLS, DASH and LL-DASH. README.md says more.
vcl 4.1;

backend mediagraph {
  .host = "127.0.0.1";
  .port = "8080";
  .first_byte_timeout = 60s; # longer than a playlist may block
  .between_bytes_timeout = 60s;
}

sub vcl_recv {
  if (req.method != "GET" && req.method != "HEAD" && req.method != "OPTIONS") {
    return (synth(405));
  }
  if (req.method == "OPTIONS") {
    return (pass);
  }
  unset req.http.Cookie;
  return (hash);
}

sub vcl_backend_response {
  # How long what is kept, the server says. Nobody gets what is out of date.
  set beresp.grace = 0s;
  set beresp.keep = 0s;
  set beresp.do_stream = true;
  # Otherwise an error would have everybody ask the server himself, for two minutes.
  if (beresp.status >= 400) {
    set beresp.ttl = 0.5s;
    set beresp.uncacheable = false;
  }
  return (deliver);
}
