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
