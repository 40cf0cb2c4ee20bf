/* The files of the page and the two players, as bytes: see assets.h. */

.macro asset name, file
  .global asset_\name
  .global asset_\name\()_end
  .hidden asset_\name
  .hidden asset_\name\()_end
  .balign 16
asset_\name:
  .incbin "\file"
asset_\name\()_end:
.endm

  .section .rodata
  asset index_html, "page/index.html"
  asset player_css, "page/player.css"
  asset player_js, "page/player.js"
  asset hls_js, "node_modules/hls.js/dist/hls.min.js"
  asset dash_js, "node_modules/dashjs/dist/legacy/umd/dash.all.min.js"

  .section .note.GNU-stack, "", %progbits
