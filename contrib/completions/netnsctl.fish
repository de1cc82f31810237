# Completion of netnsctl for fish: to be put into vendor_completions.d or ~/.config/fish/completions, or sourced.

# What the command line asks is asked of netnsctl itself: see Sources/netnsctl/Completion.
function __netnsctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] --complete fish $words "$current" 2>/dev/null)
    switch "$lines[1]"
        case :files
            __fish_complete_path "$current"
        case ':command *'
            # Counted from 0 there and from 1 here.
            set -l offset (math (string replace ':command ' '' -- $lines[1]) + 1)
            set -l rest
            test $offset -le (count $words); and set rest (string escape -- $words[$offset..-1])
            complete -C "$(string join ' ' -- $rest "$current")"
        case '*'
            printf '%s\n' $lines
    end
end
complete -c netnsctl -f -a '(__netnsctl_complete)'
