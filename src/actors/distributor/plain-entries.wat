;; Reads protobuf entries as encoders write them (plain-entries.ts), in the memory where snappy.wat has put them.
;;
;; Before the text, at fixed places, all i32 unless said otherwise:
;;   0    16 bytes 0xff, 16 bytes 0
;;   32   8 x 8 bytes: names of levels, with zeros behind
;;   128  columns: 0 rows, 4 pairs, 8 message bytes, 12 metadata bytes
;;   144  of this call: 0 bytes taken, 4 new keys, 8 whether the last row is open
;;   160  of an open row: 0 the pair that gives its level or -1, 4 its rank or -1, 8 the pair with its severity or -1
;;   176  keys in the batch
;;   180  limits: 0 line bytes, 4 pairs, 8 pair bytes, 12 whether every row must have a level
;;   200  limits: i64 oldest, newest time
;;   216  where columns are: 0 times, 4 message offsets, 8 pair starts, 12 pair keys, 16 pair offsets, 20 messages, 24 metadata
;;   244  where distinct pairs are: 0 u16 of each given pair which it is, 4 keys, 8 offsets, 12 values, 16 hashes, 20 u16 slots
;;   1024 keys, 16 bytes each: 0 number in the batch or -1, 4 last entry that had it, 8 rank among level fields or -1, 12 kind
;;   9216 numbers of the keys that are new in the batch
;;   12288 names by hash, 1024 x 16 bytes: 0 hash, 4 where its bytes are, 8 their count (0: none), 12 key
;;
;; Up to 16 bytes behind text and columns are read and written.
(module
  (import "snappy" "memory" (memory 1))
  (data (i32.const 0) "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff")
  (global $at (mut i32) (i32.const 0))
  (global $entry (mut i32) (i32.const 0))

  ;; A varint of at most 5 bytes at $at, which moves behind it; -1 for a longer one.
  (func $varint (result i64)
    (local $value i64) (local $byte i64) (local $shift i64)
    (loop $bytes
      (local.set $byte (i64.load8_u (global.get $at)))
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      (local.set $value (i64.or (local.get $value)
        (i64.shl (i64.and (local.get $byte) (i64.const 127)) (local.get $shift))))
      (if (i64.lt_u (local.get $byte) (i64.const 128)) (then (return (local.get $value))))
      (local.set $shift (i64.add (local.get $shift) (i64.const 7)))
      (br_if $bytes (i64.lt_u (local.get $shift) (i64.const 35))))
    (i64.const -1))

  ;; The length of a field at $at, which moves behind it; beyond $end, with it, it is more than any field can have.
  (func $length (param $end i32) (result i32)
    (local $byte i32) (local $value i64)
    (local.set $byte (i32.load8_u (global.get $at)))
    (if (i32.lt_u (local.get $byte) (i32.const 128))
      (then
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (local.set $value (i64.extend_i32_u (local.get $byte))))
      (else (local.set $value (call $varint))))
    (if (i32.gt_u (global.get $at) (local.get $end)) (then (return (i32.const -1))))
    (if (i64.gt_u (local.get $value) (i64.extend_i32_u (i32.sub (local.get $end) (global.get $at))))
      (then (return (i32.const -1))))
    (i32.wrap_i64 (local.get $value)))

  ;; Whether a stream is its labels and then entries, each of which ends where it should.
  (func (export "isPlain") (param $at i32) (param $end i32) (result i32)
    (local $tag i32) (local $length i32)
    (local.set $tag (i32.const 0x0a))
    (global.set $at (local.get $at))
    (loop $fields
      (if (i32.ne (i32.load8_u (global.get $at)) (local.get $tag)) (then (return (i32.const 0))))
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      (local.set $length (call $length (local.get $end)))
      (if (i32.eq (local.get $length) (i32.const -1)) (then (return (i32.const 0))))
      (global.set $at (i32.add (global.get $at) (local.get $length)))
      (local.set $tag (i32.const 0x12))
      (br_if $fields (i32.lt_u (global.get $at) (local.get $end))))
    (i32.const 1))

  ;; 32 bits, each of which depends on all given ones: a product alone is as its factor in the bits below the first that differs.
  (func $mixed (param $word i64) (result i32)
    (local.set $word (i64.mul (local.get $word) (i64.const 0xff51afd7ed558ccd)))
    (i32.wrap_i64 (i64.shr_u
      (i64.mul (i64.xor (local.get $word) (i64.shr_u (local.get $word) (i64.const 32))) (i64.const 0xc4ceb9fe1a85ec53))
      (i64.const 32))))

  ;; Of a name of at least one byte.
  (func $hash (export "hash") (param $at i32) (param $length i32) (result i32)
    (local $low i64) (local $high i64)
    (local.set $low (i64.load (local.get $at)))
    (if (i32.lt_u (local.get $length) (i32.const 8))
      (then (local.set $low (i64.and (local.get $low) (i64.shr_u (i64.const -1)
        (i64.sub (i64.const 64) (i64.shl (i64.extend_i32_u (local.get $length)) (i64.const 3)))))))
      (else (local.set $high (i64.load (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 8))))))
    (i32.xor (local.get $length)
      (call $mixed (i64.xor (local.get $low) (i64.mul (local.get $high) (i64.const 0x9e3779b97f4a7c15))))))

  (func $equal (param $a i32) (param $b i32) (param $length i32) (result i32)
    (local $last i32)
    (if (i32.lt_u (local.get $length) (i32.const 16))
      (then (return (i32.eqz (v128.any_true (v128.and
        (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b)))
        (v128.load (i32.sub (i32.const 16) (local.get $length)))))))))
    (local.set $last (i32.sub (i32.add (local.get $a) (local.get $length)) (i32.const 16)))
    (loop $blocks
      (if (v128.any_true (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b)))) (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $b (i32.add (local.get $b) (i32.const 16)))
      (br_if $blocks (i32.lt_u (local.get $a) (local.get $last))))
    (local.set $b (i32.add (local.get $b) (i32.sub (local.get $last) (local.get $a))))
    (i32.eqz (v128.any_true (v128.xor (v128.load (local.get $last)) (v128.load (local.get $b))))))

  ;; Where the key of a name is, or 0.
  (func $key (param $name i32) (param $length i32) (result i32)
    (local $hash i32) (local $slot i32) (local $known i32)
    (local.set $hash (call $hash (local.get $name) (local.get $length)))
    (local.set $slot (i32.and (local.get $hash) (i32.const 1023)))
    (loop $slots
      (local.set $known (i32.add (i32.const 12288) (i32.shl (local.get $slot) (i32.const 4))))
      (if (i32.eqz (i32.load offset=8 (local.get $known))) (then (return (i32.const 0))))
      (if (i32.eq (i32.load (local.get $known)) (local.get $hash))
        (then (if (i32.eq (i32.load offset=8 (local.get $known)) (local.get $length))
          (then (if (call $equal (i32.load offset=4 (local.get $known)) (local.get $name) (local.get $length))
            (then (return (i32.add (i32.const 1024)
              (i32.shl (i32.load offset=12 (local.get $known)) (i32.const 4))))))))))
      (local.set $slot (i32.and (i32.add (local.get $slot) (i32.const 1)) (i32.const 1023)))
      (br $slots))
    (unreachable))

  ;; Whether a value is the name of a level as it is stored.
  (func $isLevel (param $at i32) (param $length i32) (result i32)
    (local $word i64) (local $known i32)
    (if (i32.gt_u (i32.sub (local.get $length) (i32.const 1)) (i32.const 7)) (then (return (i32.const 0))))
    (local.set $word (i64.and (i64.load (local.get $at)) (i64.shr_u (i64.const -1)
      (i64.sub (i64.const 64) (i64.shl (i64.extend_i32_u (local.get $length)) (i64.const 3))))))
    (local.set $known (i32.const 32))
    (loop $names
      (if (i64.eq (local.get $word) (i64.load (local.get $known))) (then (return (i32.const 1))))
      (local.set $known (i32.add (local.get $known) (i32.const 8)))
      (br_if $names (i32.lt_u (local.get $known) (i32.const 96))))
    (i32.const 0))

  ;; The number of a key that is new in the batch.
  (func $number (param $key i32) (result i32)
    (local $number i32) (local $new i32)
    (local.set $number (i32.load (i32.const 176)))
    (local.set $new (i32.load (i32.const 148)))
    (i32.store (local.get $key) (local.get $number))
    (i32.store (i32.const 176) (i32.add (local.get $number) (i32.const 1)))
    (i32.store (i32.const 148) (i32.add (local.get $new) (i32.const 1)))
    (i32.store offset=9216 (i32.shl (local.get $new) (i32.const 2))
      (i32.shr_u (i32.sub (local.get $key) (i32.const 1024)) (i32.const 4)))
    (local.get $number))

  (func $copy (param $from i32) (param $to i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $length)))
    (loop $blocks
      (v128.store (local.get $to) (v128.load (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $blocks (i32.lt_u (local.get $to) (local.get $end)))))

  ;; Copies at least one byte; whether all of them are ASCII.
  (func $copyAscii (param $from i32) (param $to i32) (param $length i32) (result i32)
    (local $end i32) (local $seen v128) (local $block v128)
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (loop $blocks
      (local.set $block (v128.load (local.get $from)))
      (v128.store (local.get $to) (local.get $block))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (if (i32.le_u (local.get $from) (local.get $end))
        (then (local.set $seen (v128.or (local.get $seen) (local.get $block)))
          (br_if $blocks (i32.lt_u (local.get $from) (local.get $end))))
        (else (local.set $seen (v128.or (local.get $seen) (v128.and (local.get $block)
          (v128.load (i32.sub (local.get $from) (local.get $end)))))))))
    (i32.eqz (i8x16.bitmask (local.get $seen))))

  ;; Appends entries to the columns until one is not plain, a row is left open, or none is left; where that is.
  (func (export "entries") (param $start i32) (param $end i32) (result i32)
    (local $rows i32) (local $pairs i32) (local $messageBytes i32) (local $metadataBytes i32)
    (local $entryEnd i32) (local $fieldEnd i32) (local $time i64) (local $part i64)
    (local $line i32) (local $lineBytes i32) (local $name i32) (local $length i32) (local $valueBytes i32)
    (local $key i32) (local $number i32) (local $rank i32) (local $kind i32)
    (local $pair i32) (local $to i32) (local $pairBytes i32) (local $isFound i32)
    (local $levelPair i32) (local $levelRank i32) (local $severityPair i32) (local $given i32)
    (i32.store (i32.const 144) (i32.const 0))
    (i32.store (i32.const 148) (i32.const 0))
    (i32.store (i32.const 152) (i32.const 0))
    (local.set $rows (i32.load (i32.const 128)))
    (local.set $pairs (i32.load (i32.const 132)))
    (local.set $messageBytes (i32.load (i32.const 136)))
    (local.set $metadataBytes (i32.load (i32.const 140)))
    (block $stop
      (loop $entries
        (br_if $stop (i32.ge_u (local.get $start) (local.get $end)))
        (br_if $stop (i32.ne (i32.load8_u (local.get $start)) (i32.const 0x12)))
        (global.set $at (i32.add (local.get $start) (i32.const 1)))
        (local.set $length (call $length (local.get $end)))
        (br_if $stop (i32.eq (local.get $length) (i32.const -1)))
        (local.set $entryEnd (i32.add (global.get $at) (local.get $length)))

        ;; Its time: seconds, and nanoseconds unless there are none.
        (br_if $stop (i32.ne (i32.load8_u (global.get $at)) (i32.const 0x0a)))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (local.set $length (call $length (local.get $entryEnd)))
        (br_if $stop (i32.eq (local.get $length) (i32.const -1)))
        (local.set $fieldEnd (i32.add (global.get $at) (local.get $length)))
        (br_if $stop (i32.ne (i32.load8_u (global.get $at)) (i32.const 0x08)))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (local.set $part (call $varint))
        (br_if $stop (i64.gt_u (local.get $part) (i64.const 9223372035)))
        (local.set $time (i64.mul (local.get $part) (i64.const 1000000000)))
        (if (i32.lt_u (global.get $at) (local.get $fieldEnd))
          (then
            (br_if $stop (i32.ne (i32.load8_u (global.get $at)) (i32.const 0x10)))
            (global.set $at (i32.add (global.get $at) (i32.const 1)))
            (local.set $part (call $varint))
            (br_if $stop (i64.ge_u (local.get $part) (i64.const 1000000000)))
            (local.set $time (i64.add (local.get $time) (local.get $part)))))
        (br_if $stop (i32.ne (global.get $at) (local.get $fieldEnd)))
        (br_if $stop (i64.lt_s (local.get $time) (i64.load (i32.const 200))))
        (br_if $stop (i64.gt_s (local.get $time) (i64.load (i32.const 208))))

        ;; Its line, unless it is empty.
        (local.set $lineBytes (i32.const 0))
        (if (i32.lt_u (global.get $at) (local.get $entryEnd))
          (then (if (i32.eq (i32.load8_u (global.get $at)) (i32.const 0x12))
            (then
              (global.set $at (i32.add (global.get $at) (i32.const 1)))
              (local.set $lineBytes (call $length (local.get $entryEnd)))
              (br_if $stop (i32.gt_u (local.get $lineBytes) (i32.load (i32.const 180))))
              (local.set $line (global.get $at))
              (global.set $at (i32.add (global.get $at) (local.get $lineBytes)))))))

        ;; Its pairs.
        (global.set $entry (i32.add (global.get $entry) (i32.const 1)))
        (local.set $pair (local.get $pairs))
        (local.set $to (local.get $metadataBytes))
        (local.set $pairBytes (i32.const 0))
        (local.set $given (i32.const 0))
        (local.set $isFound (i32.eqz (i32.load (i32.const 192))))
        (local.set $levelPair (i32.const -1))
        (local.set $levelRank (i32.const -1))
        (local.set $severityPair (i32.const -1))
        (block $paired
          (loop $pairLoop
            (br_if $paired (i32.ge_u (global.get $at) (local.get $entryEnd)))
            (br_if $stop (i32.ne (i32.load8_u (global.get $at)) (i32.const 0x1a)))
            (global.set $at (i32.add (global.get $at) (i32.const 1)))
            (local.set $length (call $length (local.get $entryEnd)))
            (br_if $stop (i32.eq (local.get $length) (i32.const -1)))
            (local.set $fieldEnd (i32.add (global.get $at) (local.get $length)))
            (br_if $stop (i32.ne (i32.load8_u (global.get $at)) (i32.const 0x0a)))
            (global.set $at (i32.add (global.get $at) (i32.const 1)))
            (local.set $length (call $length (local.get $fieldEnd)))
            ;; None, or more than there is.
            (br_if $stop (i32.gt_u (i32.sub (local.get $length) (i32.const 1)) (i32.const 255)))
            (local.set $name (global.get $at))
            (global.set $at (i32.add (local.get $name) (local.get $length)))
            (br_if $stop (i32.ge_u (global.get $at) (local.get $fieldEnd)))
            (br_if $stop (i32.ne (i32.load8_u (global.get $at)) (i32.const 0x12)))
            (global.set $at (i32.add (global.get $at) (i32.const 1)))
            (local.set $valueBytes (call $length (local.get $fieldEnd)))
            (br_if $stop (i32.eq (local.get $valueBytes) (i32.const -1)))
            (br_if $stop (i32.ne (i32.add (global.get $at) (local.get $valueBytes)) (local.get $fieldEnd)))
            (br_if $stop (i32.eqz (local.get $valueBytes)))
            (local.set $key (call $key (local.get $name) (local.get $length)))
            (br_if $stop (i32.eqz (local.get $key)))
            (br_if $stop (i32.eq (i32.load offset=4 (local.get $key)) (global.get $entry)))
            (i32.store offset=4 (local.get $key) (global.get $entry))
            (local.set $kind (i32.load offset=12 (local.get $key)))
            (if (local.get $kind)
              (then
                (if (i32.and (local.get $kind) (i32.const 1))
                  (then (if (i32.load (i32.const 192))
                    (then
                      (br_if $stop (i32.eqz (call $isLevel (global.get $at) (local.get $valueBytes))))
                      (local.set $isFound (i32.const 1))))))
                (if (i32.and (local.get $kind) (i32.const 2)) (then (local.set $severityPair (local.get $pair))))))
            (local.set $rank (i32.load offset=8 (local.get $key)))
            (if (i32.ge_s (local.get $rank) (i32.const 0))
              (then
                ;; As numbers without sign, -1 is after all ranks.
                (if (i32.le_u (local.get $rank) (local.get $levelRank))
                  (then
                    (local.set $levelRank (local.get $rank))
                    (local.set $levelPair (local.get $pair))))))
            (local.set $number (i32.load (local.get $key)))
            (if (i32.lt_s (local.get $number) (i32.const 0)) (then (local.set $number (call $number (local.get $key)))))
            (br_if $stop (i32.eqz (call $copyAscii
              (global.get $at)
              (i32.add (i32.load (i32.const 240)) (local.get $to))
              (local.get $valueBytes))))
            (local.set $to (i32.add (local.get $to) (local.get $valueBytes)))
            (i32.store (i32.add (i32.load (i32.const 228)) (i32.shl (local.get $pair) (i32.const 2))) (local.get $number))
            (local.set $pair (i32.add (local.get $pair) (i32.const 1)))
            (i32.store (i32.add (i32.load (i32.const 232)) (i32.shl (local.get $pair) (i32.const 2))) (local.get $to))
            (local.set $given (i32.add (local.get $given) (i32.const 1)))
            (local.set $pairBytes (i32.add (local.get $pairBytes) (i32.add (local.get $length) (local.get $valueBytes))))
            (global.set $at (local.get $fieldEnd))
            (br $pairLoop)))
        (br_if $stop (i32.gt_u (local.get $given) (i32.load (i32.const 184))))
        (br_if $stop (i32.gt_u (local.get $pairBytes) (i32.load (i32.const 188))))

        ;; All is well: it becomes a row.
        (if (local.get $lineBytes) (then (call $copy
          (local.get $line)
          (i32.add (i32.load (i32.const 236)) (local.get $messageBytes))
          (local.get $lineBytes))))
        (local.set $messageBytes (i32.add (local.get $messageBytes) (local.get $lineBytes)))
        (local.set $pairs (local.get $pair))
        (local.set $metadataBytes (local.get $to))
        (i64.store (i32.add (i32.load (i32.const 216)) (i32.shl (local.get $rows) (i32.const 3))) (local.get $time))
        (i32.store (i32.const 144) (i32.add (i32.load (i32.const 144))
          (i32.add (local.get $lineBytes) (local.get $pairBytes))))
        (local.set $start (local.get $entryEnd))
        (if (i32.eqz (local.get $isFound))
          (then
            (i32.store (i32.const 152) (i32.const 1))
            (i32.store (i32.const 160) (local.get $levelPair))
            (i32.store (i32.const 164) (local.get $levelRank))
            (i32.store (i32.const 168) (local.get $severityPair))
            (br $stop)))
        (local.set $rows (i32.add (local.get $rows) (i32.const 1)))
        (i32.store (i32.add (i32.load (i32.const 220)) (i32.shl (local.get $rows) (i32.const 2))) (local.get $messageBytes))
        (i32.store (i32.add (i32.load (i32.const 224)) (i32.shl (local.get $rows) (i32.const 2))) (local.get $pairs))
        (br $entries)))
    (i32.store (i32.const 128) (local.get $rows))
    (i32.store (i32.const 132) (local.get $pairs))
    (i32.store (i32.const 136) (local.get $messageBytes))
    (i32.store (i32.const 140) (local.get $metadataBytes))
    (local.get $start))

  ;; Of all bytes, eight by eight, the last ones overlapping those before; of a value shorter than that as of a name.
  (func $valueHash (param $at i32) (param $length i32) (result i32)
    (local $hash i64) (local $last i32)
    (if (i32.lt_u (local.get $length) (i32.const 8))
      (then
        (if (i32.eqz (local.get $length)) (then (return (i32.const 0))))
        (return (call $hash (local.get $at) (local.get $length)))))
    (local.set $hash (i64.extend_i32_u (local.get $length)))
    (local.set $last (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 8)))
    (loop $words
      (local.set $hash (i64.mul
        (i64.xor (i64.rotl (local.get $hash) (i64.const 29)) (i64.load (local.get $at)))
        (i64.const 0x9e3779b97f4a7c15)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $words (i32.lt_u (local.get $at) (local.get $last))))
    (call $mixed (i64.xor (i64.rotl (local.get $hash) (i64.const 29)) (i64.load (local.get $last)))))

  ;; Which of the distinct pairs a pair is: one more than there are ($count) where it is not found in eight slots. Then the
  ;; slot it is to have is at 268.
  (func $find (param $hash i32) (param $key i32) (param $value i32) (param $length i32) (param $mask i32) (param $count i32)
    (result i32)
    (local $slot i32) (local $at i32) (local $known i32) (local $ways i32) (local $from i32)
    (local.set $slot (i32.and (local.get $hash) (local.get $mask)))
    (local.set $ways (i32.const 8))
    (block $new
      (loop $slots
        (local.set $at (i32.add (i32.load (i32.const 264)) (i32.shl (local.get $slot) (i32.const 1))))
        (local.set $known (i32.load16_u (local.get $at)))
        (br_if $new (i32.eqz (local.get $known)))
        (local.set $known (i32.shl (i32.sub (local.get $known) (i32.const 1)) (i32.const 2)))
        (if (i32.eq (i32.load (i32.add (i32.load (i32.const 260)) (local.get $known))) (local.get $hash))
          (then (if (i32.eq (i32.load (i32.add (i32.load (i32.const 248)) (local.get $known))) (local.get $key))
            (then
              (local.set $from (i32.load (i32.add (i32.load (i32.const 252)) (local.get $known))))
              (if (i32.eq (local.get $length) (i32.sub
                (i32.load offset=4 (i32.add (i32.load (i32.const 252)) (local.get $known))) (local.get $from)))
                (then (if (call $equal
                  (i32.add (i32.load (i32.const 256)) (local.get $from)) (local.get $value) (local.get $length))
                  (then (return (i32.shr_u (local.get $known) (i32.const 2)))))))))))
        (local.set $slot (i32.and (i32.add (local.get $slot) (i32.const 1)) (local.get $mask)))
        (local.set $ways (i32.sub (local.get $ways) (i32.const 1)))
        (br_if $slots (local.get $ways)))
      (local.set $at (i32.add (i32.load (i32.const 264)) (i32.shl (local.get $slot) (i32.const 1)))))
    (i32.store (i32.const 268) (local.get $at))
    (local.get $count))

  ;; How many distinct pairs there are among so many pairs of the columns: these are numbered, and written behind each other.
  ;; Of the slots, which are one more than $mask, a power of two, twice the pairs at least.
  (func (export "distinct") (param $pairs i32) (param $mask i32) (result i32)
    (local $pair i32) (local $start i32) (local $end i32) (local $length i32) (local $value i32) (local $key i32)
    (local $hash i32) (local $number i32) (local $count i32) (local $to i32) (local $at i32)
    (local.set $at (i32.load (i32.const 264)))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $mask) (i32.const 1))))
    (loop $clear
      (v128.store (local.get $at) (v128.const i64x2 0 0))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $clear (i32.le_u (local.get $at) (local.get $end))))
    (block $done
      (loop $given
        (br_if $done (i32.ge_u (local.get $pair) (local.get $pairs)))
        (local.set $at (i32.shl (local.get $pair) (i32.const 2)))
        (local.set $key (i32.load (i32.add (i32.load (i32.const 228)) (local.get $at))))
        (local.set $end (i32.load offset=4 (i32.add (i32.load (i32.const 232)) (local.get $at))))
        (local.set $length (i32.sub (local.get $end) (local.get $start)))
        (local.set $value (i32.add (i32.load (i32.const 240)) (local.get $start)))
        (local.set $hash (i32.add
          (call $valueHash (local.get $value) (local.get $length))
          (i32.mul (local.get $key) (i32.const 0x9e3779b1))))
        (local.set $number (call $find
          (local.get $hash) (local.get $key) (local.get $value) (local.get $length) (local.get $mask) (local.get $count)))
        (if (i32.eq (local.get $number) (local.get $count))
          (then
            (local.set $at (i32.shl (local.get $count) (i32.const 2)))
            (local.set $count (i32.add (local.get $count) (i32.const 1)))
            (i32.store16 (i32.load (i32.const 268)) (local.get $count))
            (i32.store (i32.add (i32.load (i32.const 260)) (local.get $at)) (local.get $hash))
            (i32.store (i32.add (i32.load (i32.const 248)) (local.get $at)) (local.get $key))
            (call $copy (local.get $value) (i32.add (i32.load (i32.const 256)) (local.get $to)) (local.get $length))
            (local.set $to (i32.add (local.get $to) (local.get $length)))
            (i32.store offset=4 (i32.add (i32.load (i32.const 252)) (local.get $at)) (local.get $to))))
        (i32.store16 (i32.add (i32.load (i32.const 244)) (i32.shl (local.get $pair) (i32.const 1))) (local.get $number))
        (local.set $pair (i32.add (local.get $pair) (i32.const 1)))
        (local.set $start (local.get $end))
        (br $given)))
    (local.get $count))
)
