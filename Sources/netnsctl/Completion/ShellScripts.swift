// The scripts of contrib/completions. Written by contrib/generate; edit them there.

// swift-format-ignore-file

let bashScript = #"""
# Completion of netnsctl for bash: to be sourced, or put where bash-completion looks (share/bash-completion/completions).
# Needs nothing but bash; where the package bash-completion is loaded, programs after `exec NAME --` get their own.

# What the command line asks is asked of netnsctl itself: see Sources/netnsctl/Completion.
_netnsctl() {
    local IFS=$' \t\n' words=() starts=() current rest=$COMP_LINE index piece replies=() reply offset
    # Bash cuts words at : and = too. What has no space between belongs together, as netnsctl will see it.
    for ((index = 0; index <= COMP_CWORD; index++)); do
        piece=${COMP_WORDS[index]}
        if ((index)) && [[ $rest != [[:space:]]* ]]; then
            words[-1]+=$piece
        else
            rest=${rest#"${rest%%[![:space:]]*}"}
            words+=("$piece")
            starts+=("$index")
        fi
        rest=${rest#"$piece"}
    done
    # Only what stands before the cursor counts.
    if [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]]; then
        [[ -z ${COMP_WORDS[COMP_CWORD]} ]] || words[-1]=
    fi
    # As netnsctl will see them: without what quotes them.
    local quote=
    [[ ${words[-1]} != [\'\"]* ]] || quote=1
    words=("${words[@]//[\\\'\"]/}")
    current=${words[-1]}
    COMPREPLY=()
    mapfile -t replies < <("${words[0]}" --complete bash "${words[@]}" 2>/dev/null)
    case ${replies[0]-} in
        :files)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        :command*)
            offset=${replies[0]#:command }
            if declare -F _comp_command_offset >/dev/null; then
                _comp_command_offset "${starts[offset]}"
            elif declare -F _command_offset >/dev/null; then
                _command_offset "${starts[offset]}"
            elif ((offset == ${#words[@]} - 1)); then
                mapfile -t COMPREPLY < <(compgen -c -- "$current")
            else
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
            fi
            return
            ;;
    esac
    # Bash replaces only what follows the last : or = of the word.
    local before=
    [[ $current != *[:=]* || $COMP_WORDBREAKS != *[:=]* ]] || before=${current%"${current##*[:=]}"}
    for reply in "${replies[@]}"; do
        # Names of links may hold anything but spaces and slashes; between quotes such a one could not be made harmless.
        if [[ $reply == *[^A-Za-z0-9_.,:=@%/+-]* ]]; then
            [[ ! $quote ]] || continue
            printf -v reply %q "$reply"
        fi
        COMPREPLY+=("${reply#"$before"}")
    done
    if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[/=.:] ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _netnsctl netnsctl

"""#

let zshScript = #"""
#compdef netnsctl
# Completion of netnsctl for zsh: to be put into a directory of fpath (share/zsh/site-functions), or sourced.

# What the command line asks is asked of netnsctl itself: see Sources/netnsctl/Completion.
_netnsctl() {
    local -a lines closed open
    local line word
    # Without quotes, as netnsctl will see them; of the last word, what stands before the cursor.
    lines=("${(@f)$("${(Q)words[1]}" --complete zsh "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case ${lines[1]} in
        '') return 1 ;;
        :files) _files; return ;;
        :command*)
            # Counted from 0 there and from 1 here.
            local -i offset=${lines[1]#:command }
            shift offset words
            ((CURRENT -= offset))
            _normal
            return
            ;;
    esac
    for line in $lines; do
        word=${line%%$'\t'*}
        # _describe divides at the first colon that has no backslash.
        line=${${word//\\/\\\\}//:/\\:}${${line#$word}/$'\t'/:}
        case $word in
            *[/=.:]) open+=("$line") ;;
            *) closed+=("$line") ;;
        esac
    done
    local result=1
    ((!$#closed)) || _describe -t words netnsctl closed && result=0
    ((!$#open)) || _describe -t words netnsctl open -S '' && result=0
    return result
}

if [[ $funcstack[1] == _netnsctl ]]; then _netnsctl "$@"; else compdef _netnsctl netnsctl; fi

"""#

let fishScript = #"""
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

"""#
