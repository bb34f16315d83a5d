-- For wrk: replays a file of requests, one a line, fields apart by tabs:
--   METHOD <TAB> PATH <TAB> Header: value||Header: value <TAB> BODY
-- Arguments after "--": FILE STATUS [TEXT]. An answer is good when it has that status and, if a text is named, holds
-- it in its body. Prints one line "RESULT {json}", and one "SAMPLE ..." of the first bad answer.
local requests, count, place, status, text = {}, 0, 0, 200, nil
local threads = {}

function setup(thread) table.insert(threads, thread) end

function init(arguments)
  status, text = tonumber(arguments[2]), arguments[3]
  for line in io.lines(arguments[1]) do
    local method, path, head, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = {}
    for field in (head .. "||"):gmatch("(.-)||") do
      local name, value = field:match("^(.-): (.*)$")
      if name then headers[name] = value end
    end
    count = count + 1
    requests[count] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  good, bad, sample = 0, 0, ""
end

function request()
  place = place % count + 1
  return requests[place]
end

function response(answered, headers, body)
  if answered == status and (not text or body:find(text, 1, true)) then
    good = good + 1
  else
    bad = bad + 1
    if sample == "" then sample = answered .. " " .. body:sub(1, 300) end
  end
end

function done(summary, latency, _)
  local good, bad, sample = 0, 0, ""
  for _, thread in ipairs(threads) do
    good, bad = good + thread:get("good"), bad + thread:get("bad")
    if sample == "" then sample = thread:get("sample") end
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"good": %d, "bad": %d, "broken": %d, "seconds": %.6f, "bytes": %d, "p50": %.3f, "p95": %.3f, "p99": %.3f}\n',
    good, bad, errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
  if sample ~= "" then io.write("SAMPLE " .. sample:gsub("\n", " ") .. "\n") end
end
